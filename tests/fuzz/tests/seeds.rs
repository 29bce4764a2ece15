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

#[test]
fn what_is_kept_is_small() {
    for (target, _) in seeds::TARGETS {
        let kept = seeds::kept(target);
        assert!(!kept.is_empty(), "{target}");
        let bytes: usize = kept.iter().map(Vec::len).sum();
        assert!(bytes <= seeds::MAX_KEPT, "{target}: {bytes} bytes");
    }
}
