//! Arguments and a configuration file in, the arguments with the file's defaults behind them out.
//!
//! A key is a flag without its dashes. It applies to every command that has the flag and takes the value, unless the flag
//! is given, or one that it cannot stand beside.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Command, CommandFactory, parser::ValueSource};
use log_gardener::error::{Error, Result};
use toml::Value;

use super::args::Arguments;

/// The arguments as typed, with what the file named by `--config` sets and nobody typed.
pub fn with_defaults(typed: Vec<OsString>) -> Result<Vec<OsString>> {
    let matches = match Arguments::command().try_get_matches_from(&typed) {
        Ok(matches) => matches,
        // The file may say what is missing.
        Err(mistake) if mistake.kind() == ErrorKind::MissingRequiredArgument => {
            match Arguments::command().ignore_errors(true).try_get_matches_from(&typed) {
                Ok(matches) => matches,
                Err(_) => return Ok(typed),
            }
        }
        // Other mistakes in what was typed are told by the parser proper.
        Err(_) => return Ok(typed),
    };
    let path = matches.get_one::<PathBuf>("config").filter(|path| {
        // A variable that is set to nothing is not set.
        !path.as_os_str().is_empty() || matches.value_source("config") == Some(ValueSource::CommandLine)
    });
    let Some(path) = path.cloned() else { return Ok(typed) };
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    let file = File { path: &path, text: &text };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| file.broken(&error))?;
    let mut program = Arguments::command();
    // So that commands have the flags of all commands.
    program.build();
    let (command, matches, behind) = named(&program, &matches, &typed);
    let mut defaults = Vec::new();
    for (key, value) in &table {
        let known = flags(&program, key);
        if known.is_empty() {
            return Err(file.unknown(&program, key));
        }
        let flag = command.get_arguments().find(|argument| argument.get_long() == Some(key));
        if let Some(flag) = flag.filter(|flag| is_free(command, matches, flag) && !is_of_others(&known, flag, value)) {
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

/// Whether nobody typed the flag, or one that it cannot stand beside.
fn is_free(command: &Command, matches: &ArgMatches, flag: &Arg) -> bool {
    let excludes = |one: &Arg, other: &Arg| {
        command.get_arg_conflicts_with(one).iter().any(|rival| rival.get_id() == other.get_id())
    };
    let mut typed = command.get_arguments().filter(|other| was_typed(matches, other));
    !typed.any(|other| other.get_id() == flag.get_id() || excludes(flag, other) || excludes(other, flag))
}

/// Whether the value is none of this flag, but of one with this name that another command has.
fn is_of_others(namesakes: &[&Arg], flag: &Arg, value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    let takes = |flag: &Arg| {
        let values = flag.get_possible_values();
        values.is_empty() || values.iter().any(|value| value.matches(text, false))
    };
    !takes(flag) && namesakes.iter().any(|flag| takes(flag))
}

/// The flags of this name of a command and of those below it.
fn flags<'a>(command: &'a Command, name: &str) -> Vec<&'a Arg> {
    all_flags(command).into_iter().filter(|flag| flag.get_long() == Some(name)).collect()
}

fn all_flags(command: &Command) -> Vec<&Arg> {
    let own = command.get_arguments().filter(|flag| flag.get_long().is_some_and(|name| name != "config"));
    own.chain(command.get_subcommands().flat_map(all_flags)).collect()
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
        let names = all_flags(program).into_iter().filter_map(Arg::get_long);
        let near = names.map(|name| (strsim::jaro_winkler(name, key), name)).filter(|(near, _)| *near > 0.75);
        let near = near.max_by(|left, right| left.0.total_cmp(&right.0));
        let hint = near.map(|(_, name)| format!("; did you mean {name}?")).unwrap_or_default();
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
