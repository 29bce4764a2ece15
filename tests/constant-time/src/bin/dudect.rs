//! Is refusing one kind of wrong signature slower than refusing another? The
//! method is that of "dude, is my code constant time?" (Reparaz, Balasch,
//! Verbauwhede, 2017): two classes of inputs in random order, each call timed, and
//! Welch's t-test over the times. |t| above 4.5 says that they differ.
//!
//! ```sh
//! dudect [SAMPLES [SEED]]
//! ```
#![allow(clippy::cast_precision_loss)]

use std::env;
use std::hint::black_box;
use std::time::Instant;

use nano_webhook_constant_time::welch::{Samples, largest_t};
use nano_webhook_constant_time::{DIGITS, Receiver};

const THRESHOLD: f64 = 4.5;
const BATCH: usize = 10_000;

fn main() {
    let mut arguments = env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"));
    let samples = arguments.next().unwrap_or(1_000_000);
    let seed = arguments.next().unwrap_or(0x6e61_6e6f);
    println!("{samples} samples each, seed {seed}");

    let receiver = Receiver::new();
    let first = |_: &mut Random| receiver.signature(|place| place < 2);
    let last = |_: &mut Random| receiver.signature(|place| place >= DIGITS - 2);
    let random = |random: &mut Random| {
        // A right signature is not to be feared: 1 in 2^256.
        let bits = [(); 4].map(|()| random.next());
        receiver.signature(|place| bits[place / 16] >> (place % 16) & 1 == 1)
    };

    let run = |name: &str, judge: Judge<'_>, left: Class<'_>, other: Class<'_>| {
        let t = measure(judge, [left, other], samples, seed);
        println!("{name:<48} t = {t:8.2}");
        t.abs()
    };
    let judge = |signature: &str| receiver.judge_measured(signature).is_err();
    let differs = run("first byte wrong, against random", &judge, &first, &random)
        .max(run("first byte wrong, against last", &judge, &first, &last))
        .max(run("the same, against itself", &judge, &first, &first));

    // The method has to see the mistake that it is there for.
    let right = receiver.signature(|_| false);
    let leak = |signature: &str| {
        let equal = signature.bytes().zip(right.bytes()).all(|(a, b)| a == b);
        black_box(equal) | judge(signature)
    };
    let control = run(
        "first against last, compared with == as well",
        &leak,
        &first,
        &last,
    );

    assert!(control > THRESHOLD, "the method is blind here");
    assert!(differs < THRESHOLD, "the time depends on the signature");
}

type Judge<'a> = &'a dyn Fn(&str) -> bool;
type Class<'a> = &'a dyn Fn(&mut Random) -> String;

fn measure(judge: Judge<'_>, classes: [Class<'_>; 2], samples: u64, seed: u64) -> f64 {
    let mut random = Random(seed);
    let mut times = [Samples::default(), Samples::default()];
    // Every signature is judged at one and the same address: what lies across one
    // more cache line is slower, and that is not what is asked.
    let mut signature = String::new();
    let mut left = samples;
    while left > 0 {
        let batch: Vec<(usize, String)> = (0..BATCH)
            .map(|_| {
                let class = usize::from(random.next() & 1 == 1);
                (class, classes[class](&mut random))
            })
            .collect();
        for (class, next) in &batch {
            signature.clear();
            signature.push_str(next);
            let start = Instant::now();
            let refused = judge(black_box(&signature));
            let time = start.elapsed();
            black_box(refused);
            times[*class].push(time.as_nanos() as f64);
        }
        left = left.saturating_sub(BATCH as u64);
    }
    let [one, other] = times;
    largest_t(one, other)
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
