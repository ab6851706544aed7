//! Arguments and a configuration file in, the arguments with the file's defaults behind them out.
//!
//! A key is a flag without its dashes. It applies to every command that has the flag, unless the flag is given.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, CommandFactory, parser::ValueSource};
use log_gardener::error::{Error, Result};
use toml::Value;

use super::args::Arguments;

/// The arguments as typed, with what the file named by `--config` sets and nobody typed.
pub fn with_defaults(typed: Vec<OsString>) -> Result<Vec<OsString>> {
    // Mistakes in what was typed are told by the parser proper.
    let Ok(matches) = Arguments::command().try_get_matches_from(&typed) else { return Ok(typed) };
    let Some(path) = matches.get_one::<PathBuf>("config").cloned() else { return Ok(typed) };
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    let file = File { path: &path, text: &text };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| file.broken(&error))?;
    let mut program = Arguments::command();
    // So that commands have the flags of all commands.
    program.build();
    let (command, matches, behind) = named(&program, &matches, &typed);
    let mut defaults = Vec::new();
    for (key, value) in &table {
        if !knows(&program, key) {
            return Err(file.unknown(&program, key));
        }
        let flag = command.get_arguments().find(|argument| argument.get_long() == Some(key));
        if let Some(flag) = flag.filter(|flag| !was_typed(matches, flag)) {
            defaults.extend(file.flag(flag, key, value)?);
        }
    }
    let mut arguments = typed;
    arguments.splice(behind..behind, defaults);
    Ok(arguments)
}

/// The command that was named, its matches, and the place behind its name.
fn named<'a>(
    program: &'a Command,
    matches: &'a ArgMatches,
    typed: &[OsString],
) -> (&'a Command, &'a ArgMatches, usize) {
    let (mut command, mut matches, mut behind) = (program, matches, 1);
    while let Some((name, inner)) = matches.subcommand()
        && let Some(sub) = command.find_subcommand(name)
    {
        let place = typed.iter().skip(behind).position(|argument| argument.to_str() == Some(name));
        behind += place.map_or(0, |place| place + 1);
        (command, matches) = (sub, inner);
    }
    (command, matches, behind)
}

fn was_typed(matches: &ArgMatches, flag: &Arg) -> bool {
    matches.try_contains_id(flag.get_id().as_str()).unwrap_or(false)
        && matches.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine)
}

/// The flags of a command and of those below it.
fn flags(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(Arg::get_long).map(str::to_owned);
    own.chain(command.get_subcommands().flat_map(flags)).filter(|flag| flag != "config").collect()
}

fn knows(program: &Command, key: &str) -> bool {
    flags(program).iter().any(|flag| flag == key)
}

/// The configuration file, for messages about it.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    /// What a key says, as it would be typed.
    fn flag(&self, flag: &Arg, key: &str, value: &Value) -> Result<Vec<OsString>> {
        let dashed = || OsString::from(format!("--{key}"));
        match value {
            Value::Boolean(on) if !flag.get_action().takes_values() => Ok(on.then(dashed).into_iter().collect()),
            Value::Array(values) => {
                let each = values.iter().map(|value| self.flag(flag, key, value));
                Ok(each.collect::<Result<Vec<_>>>()?.concat())
            }
            Value::String(text) if flag.get_action().takes_values() => Ok(vec![dashed(), self.place(flag, text)]),
            Value::Integer(_) | Value::Float(_) if flag.get_action().takes_values() => {
                Ok(vec![dashed(), value.to_string().into()])
            }
            _ if flag.get_action().takes_values() => Err(self.wrong(key, "wants a text or a number")),
            _ => Err(self.wrong(key, "wants true or false")),
        }
    }

    /// Paths count from the folder of the file.
    fn place(&self, flag: &Arg, text: &str) -> OsString {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let is_path = flag.get_value_parser().type_id() == TypeId::of::<PathBuf>();
        if is_path { folder.join(text).into_os_string() } else { text.into() }
    }

    fn unknown(&self, program: &Command, key: &str) -> Error {
        let flags = flags(program);
        let near = flags.iter().map(|flag| (strsim::jaro_winkler(flag, key), flag)).filter(|(near, _)| *near > 0.75);
        let near = near.max_by(|left, right| left.0.total_cmp(&right.0));
        let hint = near.map(|(_, flag)| format!("; did you mean {flag}?")).unwrap_or_default();
        self.wrong(key, &format!("is no flag of any command{hint}"))
    }

    fn wrong(&self, key: &str, detail: &str) -> Error {
        let line = self.text.lines().position(|line| line.trim_start().starts_with(key)).map_or(1, |line| line + 1);
        Error::Usage { what: format!("{}:{line}", self.path.display()), detail: format!("{key} {detail}") }
    }

    fn broken(&self, error: &toml::de::Error) -> Error {
        Error::Usage { what: self.path.display().to_string(), detail: error.to_string() }
    }
}
