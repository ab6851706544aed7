//! The path of a request in, its route out: ids masked, query dropped.

/// The route of `path`: segments that hold ids become placeholders, query, fragment and host are dropped.
pub fn route(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        _ => path,
    };
    let mut canon = super::Canon::new();
    let mut route = String::with_capacity(path.len());
    for (number, segment) in path.split('/').enumerate() {
        if number > 0 {
            route.push('/');
        }
        route.push_str(&masked(segment, &mut canon));
    }
    if route.is_empty() { "/".to_owned() } else { route }
}

fn masked(segment: &str, canon: &mut super::Canon) -> String {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let version = segment
        .strip_prefix('v')
        .is_some_and(|rest| rest.len() <= 3 && rest.starts_with(|first: char| first.is_ascii_digit()));
    if segment.contains('@') {
        return "<email>".to_owned();
    }
    if digits == 0 || version {
        return segment.to_owned();
    }
    super::super::canon::canonicalize(segment, canon);
    match canon.text() {
        "0" => "<num>",
        "00000000-0000-0000-0000-000000000000" => "<uuid>",
        "0000000a" | "0x0" => "<hex>",
        "2000-01-01" | "20000101T000000Z" => "<ts>",
        "0.0.0.0" => "<ip>",
        text if !text.contains('0') => return text.to_owned(),
        _ => "<id>",
    }
    .to_owned()
}
