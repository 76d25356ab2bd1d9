//! The near miss: two texts one below the other, with the bytes that differ.

use super::sheet::Sheet;
use crate::report::difference::Difference;
use crate::rules::NearMiss;

/// More bytes than these are not spelt out.
const MOST_BYTES: usize = 8;

/// The two texts, and what differs in words and bytes.
pub(super) fn write(sheet: &mut Sheet<'_>, near: &NearMiss) {
    // Secrets are cut first: what is left of one after a comparison would no longer be known as one.
    let scrubber = sheet.screen.scrubber;
    let (left, right) = (scrubber.scrub(&near.left), scrubber.scrub(&near.right));
    let difference = Difference::of(&left, &right);
    sheet.heading(4, |sheet| sheet.put("Near miss"));
    sheet.put("<dl class=\"near\">");
    row(sheet, near.left_label, &left, difference.before, difference.left);
    row(sheet, near.right_label, &right, difference.before, difference.right);
    if difference.left != difference.right {
        sheet.put("<dt>they differ</dt><dd>at byte ").number(difference.before.len() + 1).put(": ");
        sheet.prose(&difference.words(near));
        for (label, bytes) in [(near.left_label, difference.left), (near.right_label, difference.right)] {
            if (1..=MOST_BYTES).contains(&bytes.len()) {
                sheet.put("; ").text(label).put(" has ").code(&spelt(bytes));
            }
        }
        sheet.put("</dd>");
    }
    sheet.put("</dl>");
}

fn row(sheet: &mut Sheet<'_>, label: &str, whole: &str, before: &str, differs: &str) {
    let after = whole.get(before.len() + differs.len()..).unwrap_or_default();
    sheet.put("<dt>").text(label).put("</dt><dd><code>").text(before).put("<mark class=\"differs\">");
    if differs.is_empty() {
        sheet.put("∅");
    } else {
        sheet.text(differs);
    }
    sheet.put("</mark>").text(after).put("</code></dd>");
}

/// `2F 0A`
fn spelt(bytes: &str) -> String {
    bytes.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}
