//! A `--fail-on` condition in, whether a cluster meets it out.

use log_gardener::error::{Error, Result};
use log_gardener::model::{Cluster, STATES, Severity};

/// Clauses that must all hold for one cluster.
#[derive(Debug)]
pub struct Condition {
    clauses: Vec<Clause>,
}

#[derive(Debug)]
struct Clause {
    field: Field,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Priority,
    Severity,
    State,
    Category,
    Count,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    In,
    Equal,
    NotEqual,
    AtMost,
    AtLeast,
    Below,
    Above,
}

const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("!=", Operator::NotEqual),
    ("=", Operator::Equal),
    ("<", Operator::Below),
    (">", Operator::Above),
    (" in ", Operator::In),
];

impl Condition {
    /// Reads clauses joined by `&&`: `priority<=P1`, `state in (new,regressed)`, `severity>=ERROR`, `count>100`.
    pub fn parse(text: &str) -> Result<Self> {
        let unknown = |state: &&String| !STATES.iter().any(|known| known.eq_ignore_ascii_case(state));
        let clauses: Vec<Clause> = text.split("&&").map(clause).collect::<Option<_>>().ok_or_else(|| Error::Usage {
            what: "--fail-on".to_owned(),
            detail: format!(
                "cannot read {text:?}; write for example 'priority<=P1' or 'state in (new,regressed) && severity>=ERROR' \
                 (fields: priority, severity, state, category, count)"
            ),
        })?;
        let states = clauses.iter().filter(|clause| matches!(clause.field, Field::State));
        if let Some(state) = states.flat_map(|clause| &clause.values).find(unknown) {
            let detail = format!("{state:?} is no state of a cluster; there are {}", STATES.join(", "));
            return Err(Error::Usage { what: "--fail-on".to_owned(), detail });
        }
        Ok(Self { clauses })
    }

    /// Whether it depends on what earlier runs saw.
    pub fn asks_for_states(&self) -> bool {
        self.clauses.iter().any(|clause| matches!(clause.field, Field::State))
    }

    /// Whether every clause holds for the cluster. P0 is below P1: `priority<=P1` means P0 or P1.
    pub fn holds(&self, cluster: &Cluster) -> bool {
        self.clauses.iter().all(|clause| clause.holds(cluster))
    }
}

impl Clause {
    fn holds(&self, cluster: &Cluster) -> bool {
        let text = match self.field {
            Field::State => &cluster.state,
            Field::Category => &cluster.category,
            Field::Priority => return self.holds_number(rank(&cluster.priority)),
            Field::Severity => return self.holds_number(Some(u64::from(cluster.severity.number()))),
            Field::Count => return self.holds_number(Some(cluster.count)),
        };
        let named = self.values.iter().any(|value| value.eq_ignore_ascii_case(text));
        named != (self.operator == Operator::NotEqual)
    }

    fn holds_number(&self, found: Option<u64>) -> bool {
        let Some(found) = found else { return false };
        let mut wanted = self.values.iter().filter_map(|value| self.field.number(value));
        match self.operator {
            Operator::In | Operator::Equal => wanted.any(|wanted| found == wanted),
            Operator::NotEqual => wanted.all(|wanted| found != wanted),
            Operator::AtMost => wanted.all(|wanted| found <= wanted),
            Operator::AtLeast => wanted.all(|wanted| found >= wanted),
            Operator::Below => wanted.all(|wanted| found < wanted),
            Operator::Above => wanted.all(|wanted| found > wanted),
        }
    }
}

impl Field {
    fn number(self, text: &str) -> Option<u64> {
        match self {
            Self::Priority => rank(text),
            Self::Severity => Severity::parse(text).map(|severity| u64::from(severity.number())),
            Self::Count => text.parse().ok(),
            Self::State | Self::Category => None,
        }
    }
}

fn rank(priority: &str) -> Option<u64> {
    priority.strip_prefix(['P', 'p'])?.parse().ok().filter(|rank| *rank <= 10)
}

fn clause(text: &str) -> Option<Clause> {
    let (name, operator, values) = OPERATORS
        .iter()
        .find_map(|(sign, operator)| text.split_once(sign).map(|(name, values)| (name, *operator, values)))?;
    let field = match name.trim() {
        "priority" => Field::Priority,
        "severity" => Field::Severity,
        "state" => Field::State,
        "category" => Field::Category,
        "count" => Field::Count,
        _ => return None,
    };
    let values = values.trim();
    let values = match operator {
        Operator::In => values.strip_prefix('(')?.strip_suffix(')')?,
        _ => values,
    };
    let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
    let textual = matches!(field, Field::State | Field::Category);
    let ordered = !matches!(operator, Operator::In | Operator::Equal | Operator::NotEqual);
    let readable = values.iter().all(|value| if textual { !value.is_empty() } else { field.number(value).is_some() });
    (readable && !(textual && ordered)).then_some(Clause { field, operator, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster() -> Cluster {
        Cluster {
            priority: "P1".to_owned(),
            severity: Severity::Error,
            state: "regressed".to_owned(),
            count: 40,
            ..Cluster::default()
        }
    }

    #[test]
    fn conditions_hold_or_not() {
        for (text, expected) in [
            ("priority<=P1", true),
            ("priority<P1", false),
            ("priority<=p2 && state in (new, regressed)", true),
            ("state=new", false),
            ("state!=new", true),
            ("severity>=ERROR && count>39", true),
            ("severity>ERROR", false),
        ] {
            assert_eq!(Condition::parse(text).unwrap().holds(&cluster()), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_are_usage_errors() {
        for text in
            ["", "priority", "priority<=P99", "state>new", "colour=red", "count=many", "state in new", "state=nwe"]
        {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }
}
