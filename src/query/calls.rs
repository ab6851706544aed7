//! The arguments of functions: tokens in, checked calls out.

use jiff::tz::TimeZone;

use super::error::QueryError;
use super::functions::{Call, Operand, Type, decimal, decode_percent};
use super::lex::{Kind, Token};
use super::parse::{Parser, shortened};
use super::search::{MOST_WORDS, Words};
use super::tree::{Condition, Tree};

const NAMES: [&str; 7] = ["log_id", "source", "sample", "ip_in_net", "SEARCH", "cast", "regexp_extract"];

type Parsed<T> = Result<T, QueryError>;

impl Parser<'_> {
    /// A function that is a condition, or one on the left side of a comparison; its name is next.
    pub(super) fn function(&mut self) -> Parsed<Tree<Condition>> {
        let name = self.peek();
        match self.raw(name).to_ascii_lowercase().as_str() {
            "cast" | "regexp_extract" => {
                let operand = self.operand()?;
                match self.peek().kind {
                    Kind::Op(op) => self.comparison(operand, op),
                    _ => Err(self.unexpected(self.peek(), "an operator: this function gives a value to compare")),
                }
            }
            _ => Ok(Tree::Leaf(Condition::Call(self.call()?))),
        }
    }

    /// A field, or a function that gives a value.
    fn operand(&mut self) -> Parsed<Operand> {
        if !self.is_call() {
            let word = self.word("a field")?;
            return Self::field(&word).map(Operand::Field);
        }
        let name = self.next();
        let open = self.next();
        let function = self.raw(name).to_ascii_lowercase();
        if !matches!(function.as_str(), "cast" | "regexp_extract") {
            return Err(QueryError::new(
                name.span(),
                format!("`{}`", shortened(self.raw(name))),
                "a field, cast(..) or regexp_extract(..)",
            ));
        }
        self.deeper(|parser| {
            let of = Box::new(parser.operand()?);
            parser.comma()?;
            let operand = if function == "cast" { parser.cast(of)? } else { parser.extract(of)? };
            parser.close(open)?;
            Ok(operand)
        })
    }

    fn cast(&mut self, of: Box<Operand>) -> Parsed<Operand> {
        let token = self.next();
        let to = Type::ALL.iter().find(|(name, _)| self.raw(token).eq_ignore_ascii_case(name)).map(|(_, to)| *to);
        let to = to.ok_or_else(|| self.unexpected(token, "STRING, INT64, FLOAT64, BOOL, TIMESTAMP or DURATION"))?;
        let mut zone = None;
        if self.peek().kind == Kind::Comma {
            self.next();
            let name = self.next();
            let open = self.next();
            if !self.raw(name).eq_ignore_ascii_case("TIMEZONE") || open.kind != Kind::Open {
                return Err(self.unexpected(name, "TIMEZONE(\"Area/City\")"));
            }
            let (text, token) = self.string("the name of a time zone")?;
            zone = Some(TimeZone::get(&text).map_err(|_| {
                QueryError::new(
                    token.span(),
                    format!("the unknown time zone `{}`", shortened(&text)),
                    "a name such as \"America/New_York\"",
                )
            })?);
            self.close(open)?;
        }
        Ok(Operand::Cast { of, to, zone })
    }

    fn extract(&mut self, of: Box<Operand>) -> Parsed<Operand> {
        let token = self.next();
        if token.kind != Kind::Quoted {
            return Err(self.unexpected(token, "a regular expression in double quotes"));
        }
        let pattern = self.regex(token)?;
        match pattern.groups() {
            1 => Ok(Operand::Extract { of, pattern }),
            0 => {
                Err(QueryError::new(token.span(), "no group", "exactly one group").help("put what to extract in `( )`"))
            }
            more => Err(QueryError::new(token.span(), format!("{more} groups"), "exactly one group")
                .help("groups that only group are written `(?: )`")),
        }
    }

    fn call(&mut self) -> Parsed<Call> {
        let name = self.next();
        let open = self.next();
        let call = match self.raw(name).to_ascii_lowercase().as_str() {
            "log_id" => {
                let (id, _) = self.string("a log id")?;
                Call::LogId(String::from_utf8(decode_percent(&id).collect()).unwrap_or(id))
            }
            "source" => self.source_call()?,
            "sample" => self.sample_call()?,
            "ip_in_net" => self.net_call()?,
            "search" => self.search_call()?,
            _ => return Err(self.unknown_function(name)),
        };
        self.close(open)?;
        Ok(call)
    }

    fn source_call(&mut self) -> Parsed<Call> {
        let (text, token) = self.string("projects/ID")?;
        let known = ["projects/", "folders/", "organizations/", "billingAccounts/"];
        if known.iter().any(|kind| text.strip_prefix(kind).is_some_and(|id| !id.is_empty())) {
            return Ok(Call::Source(text));
        }
        let expected = "projects/ID, folders/ID, organizations/ID or billingAccounts/ID";
        Err(QueryError::new(token.span(), format!("`{}`", shortened(&text)), expected))
    }

    fn sample_call(&mut self) -> Parsed<Call> {
        let of = self.operand()?;
        self.comma()?;
        let (text, token) = self.string("a fraction")?;
        match decimal(&text).filter(|fraction| *fraction > 0.0 && *fraction <= 1.0) {
            Some(fraction) => Ok(Call::Sample { of, fraction }),
            None => Err(QueryError::new(
                token.span(),
                format!("the fraction {}", shortened(&text)),
                "a number above 0 and up to 1",
            )),
        }
    }

    fn net_call(&mut self) -> Parsed<Call> {
        let of = self.operand()?;
        self.comma()?;
        let (text, token) = self.string("a subnet")?;
        let net = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
        let net = net.map_err(|_| {
            QueryError::new(
                token.span(),
                format!("`{}`", shortened(&text)),
                "a subnet such as \"10.0.0.0/8\" or \"2001:db8::/32\"",
            )
        })?;
        Ok(Call::InNet { of, net })
    }

    fn search_call(&mut self) -> Parsed<Call> {
        let first = self.peek();
        let word = self.word("words to search for, or a field")?;
        if self.peek().kind != Kind::Comma {
            return Ok(Call::Search { within: None, words: words(&word.text(), first)? });
        }
        self.next();
        let within = Some(Self::field(&word)?);
        let (text, token) = self.string("words to search for")?;
        Ok(Call::Search { within, words: words(&text, token)? })
    }

    /// An argument that is text, quoted or not, and its first token.
    fn string(&mut self, expected: &str) -> Parsed<(String, Token)> {
        let token = self.peek();
        self.word(expected).map(|word| (word.text(), token))
    }

    fn comma(&mut self) -> Parsed<()> {
        let token = self.next();
        if token.kind == Kind::Comma { Ok(()) } else { Err(self.unexpected(token, "`,` and another argument")) }
    }

    fn unknown_function(&self, name: Token) -> QueryError {
        let written = self.raw(name);
        let error =
            QueryError::new(name.span(), format!("the unknown function `{}`", shortened(written)), "a known one");
        let lower = written.to_ascii_lowercase();
        let near = NAMES.iter().map(|known| (*known, strsim::jaro_winkler(&lower, &known.to_ascii_lowercase())));
        match near.max_by(|one, other| one.1.total_cmp(&other.1)) {
            Some((known, closeness)) if closeness > 0.75 => error.help(format!("did you mean `{known}`?")),
            _ => error.help(format!("functions are {}; text in front of `(` needs double quotes", NAMES.join(", "))),
        }
    }
}

fn words(text: &str, token: Token) -> Parsed<Words> {
    Words::new(text).ok_or_else(|| {
        QueryError::new(token.span(), "a search for no word or for too many", format!("1 to {MOST_WORDS} words"))
    })
}
