//! The example worklog in, every template's output out: snapshots, and text from logs that tries to act.

use log_gardener::report::{self, Templates};

fn name_of(template: &str) -> String {
    template.replace('.', "-")
}

#[test]
fn every_template_on_the_example() {
    let templates = Templates::embedded();
    let worklog = report::example();
    for name in templates.names() {
        let text = match worklog.clusters.first() {
            Some(cluster) if report::is_about_a_cluster(&name) => templates.render_cluster(&name, &worklog, cluster),
            _ => templates.render(&name, &worklog),
        };
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name_of(&name), text.unwrap());
        });
    }
}
