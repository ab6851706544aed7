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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_found_by_their_order() {
        assert!(LIBRARIES.is_sorted());
        assert!(LIBRARIES.windows(2).all(|pair| !pair[1].starts_with(pair[0])));
        assert!(LIBRARIES.iter().all(|library| !java_in_app(library) && !java_in_app(&format!("{library}Main.run"))));
        assert!(["com.example.Main.run", "javaish.Main", "", "a", "zz"].iter().all(|function| java_in_app(function)));
    }
}
