//! The workload as `peer_ours dump` writes it, and the answer that run_peers reads.

use std::{fs, time::Duration};

use sha2::{Digest, Sha256};

pub const KINDS: [&str; 4] = ["app", "part", "svc", "dinas"];

/// Fields of one element, to be set.
pub struct Write {
    pub kind: usize,
    pub number: u32,
    pub fields: Vec<(String, String)>,
}

/// By its id: kind-family-bound.
pub struct Rule {
    pub id: String,
    pub kind: usize,
    pub family: String,
    pub bound: i64,
}

#[derive(Default)]
pub struct Workload {
    pub now_ms: i64,
    pub rules: Vec<Rule>,
    pub births: Vec<Write>,
    pub updates: Vec<Write>,
}

fn kind_of(name: &str) -> usize {
    KINDS.iter().position(|kind| *kind == name).expect("a kind")
}

fn rule_of(id: &str) -> Rule {
    let words: Vec<&str> = id.split('-').collect();
    Rule {
        id: id.to_string(),
        kind: kind_of(words[0]),
        family: words[1].to_string(),
        bound: words[2].parse().expect("a bound"),
    }
}

fn write_of(words: &[&str]) -> Write {
    Write {
        kind: kind_of(words[1]),
        number: words[2].parse().expect("a number"),
        fields: words[3..].chunks(2).map(|pair| (pair[0].to_string(), pair[1].to_string())).collect(),
    }
}

pub fn read(name: &str) -> Workload {
    let mut out = Workload::default();
    for line in fs::read_to_string(name).expect("the workload").lines() {
        let words: Vec<&str> = line.split('\t').collect();
        match words[0] {
            "now" => out.now_ms = words[1].parse().expect("an instant"),
            "rule" => out.rules.push(rule_of(words[1])),
            "upsert" => out.births.push(write_of(&words)),
            _ => out.updates.push(write_of(&words)),
        }
    }
    out
}

/// Of all threads of this process.
pub fn cpu_seconds() -> f64 {
    let mut at = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists on every Linux, and `at` is ours.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut at) };
    at.tv_sec as f64 + at.tv_nsec as f64 * 1e-9
}

pub struct Measured {
    pub load_seconds: f64,
    pub seconds: f64,
    /// Wall time of each step.
    pub each: Vec<Duration>,
    /// Of each violation the rule's place and the element.
    pub violations: Vec<(usize, u32)>,
}

/// Writes the violations to the file, and prints one JSON object.
pub fn answer(workload: &Workload, mut measured: Measured, file: &str) {
    let mut lines: Vec<String> = measured.violations.iter().map(|(rule, number)| {
        let rule = &workload.rules[*rule];
        format!("{}|{}/element-{}\n", rule.id, KINDS[rule.kind], number)
    }).collect();
    lines.sort_unstable();
    let text = lines.concat();
    fs::write(file, &text).expect("the file of violations");
    measured.each.sort_unstable();
    let p99 = measured.each[measured.each.len() * 99 / 100];
    println!(
        "{{\"rules\":{},\"updates\":{},\"load_seconds\":{:.6},\"seconds\":{:.6},\"p99_us\":{:.3},\
         \"violations\":{},\"violations_sha256\":\"{:x}\"}}",
        workload.rules.len(), workload.updates.len(), measured.load_seconds, measured.seconds,
        p99.as_secs_f64() * 1e6, lines.len(), Sha256::digest(&text)
    );
}
