//! A frame's function or file in, whether it belongs to the application rather than to a library or the runtime out.

use super::lines::{find, passes};

/// What packages of libraries begin with, sorted; none begins with another.
const LIBRARIES: [&str; 45] = [
    "akka.",
    "android.",
    "androidx.",
    "ch.qos.",
    "clojure.",
    "com.fasterxml.",
    "com.google.api.",
    "com.google.appengine.",
    "com.google.apphosting.",
    "com.google.cloud.",
    "com.google.common.",
    "com.mysql.",
    "com.sun.",
    "com.zaxxer.",
    "dalvik.",
    "groovy.",
    "io.grpc.",
    "io.micronaut.",
    "io.netty.",
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
    "org.apache.",
    "org.eclipse.",
    "org.hibernate.",
    "org.jboss.",
    "org.junit.",
    "org.mortbay.",
    "org.postgresql.",
    "org.slf4j.",
    "org.springframework.",
    "reactor.",
    "redis.clients.",
    "retrofit2.",
    "rx.",
    "scala.",
    "sun.",
];

pub(super) fn java_in_app(function: &str) -> bool {
    // Only the last one that is not behind the function can be its beginning.
    let at = LIBRARIES.partition_point(|library| *library <= function);
    !at.checked_sub(1).and_then(|at| LIBRARIES.get(at)).is_some_and(|library| function.starts_with(library))
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
