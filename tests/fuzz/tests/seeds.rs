//! Every seed through every target, so that what was once found stays found
//! where there is no libFuzzer.

use nano_webhook_fuzz::seeds;

#[test]
fn every_target_passes_on_every_seed() {
    for (target, check) in seeds::TARGETS {
        let seeds = seeds::of(target);
        assert!(seeds.len() > 200, "{target} has {} seeds", seeds.len());
        for seed in &seeds {
            check(seed);
        }
    }
}
