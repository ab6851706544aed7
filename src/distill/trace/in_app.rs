//! A frame's function or file in, whether it belongs to the application rather than to a library or the runtime out.

use super::lines::{find, passes};

/// What packages of libraries begin with, sorted; none begins with another.
const LIBRARIES: [&str; 70] = [
    "akka.",
    "android.",
    "androidx.",
    "cats.",
    "ch.qos.",
    "clojure.",
    "com.amazonaws.",
    "com.fasterxml.",
    "com.github.benmanes.",
    "com.google.api.",
    "com.google.appengine.",
    "com.google.apphosting.",
    "com.google.cloud.",
    "com.google.common.",
    "com.google.firebase.",
    "com.google.gson.",
    "com.google.inject.",
    "com.google.protobuf.",
    "com.microsoft.",
    "com.mongodb.",
    "com.mysql.",
    "com.netflix.",
    "com.rabbitmq.",
    "com.sun.",
    "com.zaxxer.",
    "dalvik.",
    "feign.",
    "groovy.",
    "io.github.resilience4j.",
    "io.grpc.",
    "io.ktor.",
    "io.lettuce.",
    "io.micrometer.",
    "io.micronaut.",
    "io.netty.",
    "io.opentelemetry.",
    "io.quarkus.",
    "io.undertow.",
    "io.vertx.",
    "jakarta.",
    "java.",
    "javax.",
    "jdk.",
    "kotlin.",
    "kotlinx.",
    "net.bytebuddy.",
    "okhttp3.",
    "oracle.",
    "org.apache.",
    "org.aspectj.",
    "org.eclipse.",
    "org.hibernate.",
    "org.jboss.",
    "org.jooq.",
    "org.junit.",
    "org.mockito.",
    "org.mortbay.",
    "org.mybatis.",
    "org.postgresql.",
    "org.slf4j.",
    "org.springframework.",
    "play.",
    "reactor.",
    "redis.clients.",
    "retrofit2.",
    "rx.",
    "scala.",
    "software.amazon.",
    "sun.",
    "zio.",
];

pub(super) fn java_in_app(function: &str) -> bool {
    // Only the last one that is not behind the function can be its beginning.
    let at = LIBRARIES.partition_point(|library| *library <= function);
    !at.checked_sub(1).and_then(|at| LIBRARIES.get(at)).is_some_and(|library| function.starts_with(library))
}

/// Whether compilers or frameworks made a class while the program ran, under a name that the next run does not have.
pub(super) fn is_generated(function: &str, file: &str) -> bool {
    file == "<generated>"
        || ["CGLIB$$", ".$Proxy", "$$Lambda"].iter().any(|mark| find(function, mark).is_some())
        || function.starts_with("$Proxy")
}

pub(super) fn node_in_app(file: &str) -> bool {
    !(file.starts_with("node:")
        || file.starts_with("ext:")
        || file.starts_with("internal/")
        || passes(file, &["/node_modules/"])
        || find(file, "\\node_modules\\").is_some()
        || matches!(file, "native" | "<anonymous>" | "eval" | ""))
        && (file.contains(['/', '\\']) || !is_core_module(file))
}

/// Old versions of Node name their own files without a path.
fn is_core_module(file: &str) -> bool {
    matches!(
        file,
        "module.js"
            | "events.js"
            | "net.js"
            | "timers.js"
            | "domain.js"
            | "http.js"
            | "_http_client.js"
            | "_http_server.js"
            | "_stream_readable.js"
            | "bootstrap_node.js"
            | "vm.js"
            | "fs.js"
            | "dns.js"
    )
}

pub(super) fn dotnet_in_app(function: &str) -> bool {
    ![
        "System.",
        "Microsoft.",
        "Newtonsoft.",
        "Npgsql.",
        "Grpc.",
        "Google.Apis.",
        "Google.Api.",
        "lambda_method",
        "Dapper.",
        "Polly.",
        "MediatR.",
        "StackExchange.",
        "MySql.",
        "MySqlConnector.",
        "MongoDB.",
        "Serilog.",
        "Castle.",
        "AutoMapper.",
    ]
    .iter()
    .any(|library| function.starts_with(library))
}

/// Libraries of Elixir and Erlang, sorted; those that begin with one and `_` belong to it.
const PACKAGES: [&str; 93] = [
    "absinthe",
    "amqp",
    "asn1",
    "bamboo",
    "bandit",
    "broadway",
    "brod",
    "brotli",
    "cachex",
    "castore",
    "certifi",
    "commanded",
    "compiler",
    "con_cache",
    "cowboy",
    "cowlib",
    "credo",
    "crypto",
    "dataloader",
    "db_connection",
    "decimal",
    "ecto",
    "eex",
    "elixir",
    "erts",
    "eventstore",
    "ex_aws",
    "ex_unit",
    "exqlite",
    "finch",
    "flow",
    "fuse",
    "gen_stage",
    "gettext",
    "goth",
    "gproc",
    "grpc",
    "guardian",
    "gun",
    "hackney",
    "hammer",
    "horde",
    "hpax",
    "httpoison",
    "iex",
    "inets",
    "jason",
    "joken",
    "kernel",
    "libcluster",
    "logger",
    "mime",
    "mint",
    "mix",
    "mnesia",
    "mongodb_driver",
    "myxql",
    "nebulex",
    "nimble",
    "oban",
    "opentelemetry",
    "phoenix",
    "plug",
    "poison",
    "poolboy",
    "postgrex",
    "prometheus",
    "protobuf",
    "public_key",
    "quantum",
    "ranch",
    "redix",
    "req",
    "runtime_tools",
    "sasl",
    "sentry",
    "ssl",
    "stdlib",
    "swoosh",
    "syntax_tools",
    "tds",
    "telemetry",
    "tesla",
    "thousand_island",
    "timex",
    "tortoise",
    "tzdata",
    "ueberauth",
    "websock",
    "websockex",
    "xandra",
    "xmerl",
    "yamerl",
];

/// Whether a frame belongs to none of the libraries; what is in no application is in none but for Erlang's own modules.
pub(super) fn elixir_in_app(application: &str, function: &str) -> bool {
    let is_library = |name: &str| PACKAGES.binary_search(&name).is_ok();
    let mut families = application.match_indices('_').filter_map(|(at, _)| application.get(..at));
    let erlang = application.is_empty() && function.starts_with(':');
    !erlang && !is_library(application) && !families.any(is_library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_with_what_belongs_to_them() {
        assert!(PACKAGES.is_sorted());
        let in_app = |application: &str| elixir_in_app(application, "Shop.Cart.load");
        assert!(["", "shop", "shop_web", "plugin_store", "my_phoenix"].iter().all(|name| in_app(name)));
        assert!(!["elixir", "stdlib", "phoenix", "phoenix_live_view", "db_connection"].iter().any(|name| in_app(name)));
        assert!(!elixir_in_app("", ":erlang.+") && elixir_in_app("shop", ":shop_native.run"));
    }

    #[test]
    fn libraries_are_found_by_their_order() {
        assert!(LIBRARIES.is_sorted());
        assert!(LIBRARIES.windows(2).all(|pair| !pair[1].starts_with(pair[0])));
        assert!(LIBRARIES.iter().all(|library| !java_in_app(library) && !java_in_app(&format!("{library}Main.run"))));
        assert!(["com.example.Main.run", "javaish.Main", "", "a", "zz"].iter().all(|function| java_in_app(function)));
    }
}
