# What this project can do; `just` lists it. The commands themselves live in .ci/run and benches/run.

[doc("List the recipes.")]
default:
    @just --list

[doc("Everything CI checks.")]
check:
    .ci/run

[doc("Format the code.")]
fmt:
    cargo fmt

[doc("Lints, warnings denied.")]
lint:
    .ci/run lint

[doc("Tests, all or by name.")]
test *args:
    cargo test {{args}}

[doc("Accept changed snapshots, after reading the diff.")]
accept:
    INSTA_UPDATE=always cargo test

[doc("The README's run: a worklog of the samples.")]
demo:
    cargo run --release -- analyze samples

[doc("Run the program.")]
run *args:
    cargo run --release -- {{args}}

[doc("Whole runs beside other programs: one table (needs python3; jq, duckdb, drain3 where they are installed).")]
bench size="300M" rounds="3":
    benches/run {{size}} {{rounds}}

[doc("Stage by stage.")]
stages *args:
    cargo bench --bench stages -- {{args}}

[doc("API documentation.")]
docs:
    .ci/run doc

[doc("Fail if a network crate is in the tree.")]
offline:
    .ci/run offline
