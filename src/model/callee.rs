//! A function as a stack trace names it in, the function that somebody wrote out.

use std::borrow::Cow;

/// The function that somebody wrote: lambdas, closures and state machines carry numbers that the compiler chose.
pub fn plain_function(function: &str) -> Cow<'_, str> {
    if let Some((class, rest)) = function.split_once("lambda$")
        && let Some(method) = rest.split('$').next()
    {
        return Cow::Owned(format!("{class}{method}"));
    }
    if let Some((class, rest)) = function.split_once(".<")
        && let Some(method) = method_of(rest)
    {
        return Cow::Owned(format!("{class}.{method}"));
    }
    // Closures are numbered in the order in which they stand in the function: `main.work.func2.1`.
    if let Some((path, number)) = function.split_once(".func")
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte.is_ascii_control())
    {
        return Cow::Owned(format!("{path}.func"));
    }
    // `path::function::h0123456789abcdef` ends in a hash.
    if let Some((path, hash)) = function.rsplit_once("::h")
        && (hash.len() == 16 || hash.chars().any(char::is_control))
    {
        return Cow::Borrowed(path);
    }
    without_crate_hashes(function).map_or(Cow::Borrowed(function), Cow::Owned)
}

/// `shop::cart::load` of `shop[1f2e3d4c5b6a7988]::cart::load`: a full backtrace of Rust tells each crate by its hash.
fn without_crate_hashes(function: &str) -> Option<String> {
    let is_hash = |inside: &str| {
        let hex = inside.len() >= 10 && inside.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex || inside.chars().any(char::is_control)
    };
    let mut pieces = function.split('[');
    let mut plain = pieces.next()?.to_owned();
    for piece in pieces {
        match piece.split_once("]::").filter(|(inside, _)| is_hash(inside)) {
            Some((_, rest)) => plain.extend(["::", rest]),
            None => plain.extend(["[", piece]),
        }
    }
    (plain.len() < function.len()).then_some(plain)
}

/// The method behind a name of the C# compiler: `Load` of `<Load>d__2.MoveNext`, `>c__DisplayClass1_0.<Load>b__0`,
/// `<Load>g__Local|5_0`, `<Main>$>b__0_1`. What begins with `<` in other languages, like `<init>`, is a name itself.
fn method_of(rest: &str) -> Option<&str> {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter.is_control())
    };
    let inner = rest.split('<').find_map(|part| part.split_once('>').filter(|(name, _)| is_name(name)));
    let (method, behind) = inner?;
    let behind = behind.strip_prefix("$>").unwrap_or(behind);
    let made = behind.starts_with("b__") || behind.starts_with("d__") || behind.starts_with("g__");
    (made || rest.ends_with(".MoveNext")).then_some(method)
}

/// Whether a minifier gave a function of JavaScript its name, `Gl` or `t.a`, which is another one in the next build.
///
/// Minifiers give names of one letter, then of two. A file that a bundler made has a hash or a number in its name.
pub fn is_minified(function: &str, file: &str) -> bool {
    let base = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let Some((stem, "js" | "mjs" | "cjs")) = base.rsplit_once('.') else { return false };
    let is_varying = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit()) || word.chars().any(char::is_control);
    let is_made = |word: &str| {
        let is_hash = word.len() >= 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        word == "min" || is_hash || is_varying(word)
    };
    let is_short = |name: &str| name.len() <= 2 || is_varying(name);
    stem.split(['.', '-']).next_back().is_some_and(is_made)
        && (function == "<anonymous>" || function.split('.').all(is_short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_compilers_made_lead_to_the_method() {
        for (made, written) in [
            ("Shop.Cart.<>c__DisplayClass1_0.<Load>b__0", "Shop.Cart.Load"),
            ("Shop.Cart.<Load>g__Local|5_0", "Shop.Cart.Load"),
            ("Shop.Cart.<Load>d__2.MoveNext", "Shop.Cart.Load"),
            ("Shop.C.<>c__DisplayClass3_0.<<Post>b__0>d.MoveNext", "Shop.C.Post"),
            ("Program.<>c.<<Main>$>b__0_1", "Program.Main"),
            ("com.acme.Cart.<init>", "com.acme.Cart.<init>"),
            ("main.<anonymous closure>", "main.<anonymous closure>"),
            ("com.acme.Store.lambda$save$3", "com.acme.Store.save"),
            ("main.work.func2.1", "main.work.func"),
            ("shop[1f2e3d4c5b6a7988]::cart::load", "shop::cart::load"),
            ("<core[c1f1a4ba060b9bfa]::fmt::Argument as a[\u{1}]::B>::fmt", "<core::fmt::Argument as a::B>::fmt"),
            ("<[T]>::map::<[u8; 4]>", "<[T]>::map::<[u8; 4]>"),
        ] {
            assert_eq!(plain_function(made), written);
        }
    }
    #[test]
    fn names_of_minifiers() {
        for (function, file, expected) in [
            ("Gl", "https://s.example/static/main.5fb78683.js", true),
            ("t.a", "main-abcdefab.mjs", true),
            ("e", "/app/.next/server/chunks/447.js", true),
            ("<anonymous>", "jquery.min.js", true),
            ("t.render", "main.5fb78683.js", false),
            ("go", "/app/src/cart.js", false),
            ("of", "/app/main.5fb78683.py", false),
        ] {
            assert_eq!(is_minified(function, file), expected, "{function} {file}");
        }
    }
}
