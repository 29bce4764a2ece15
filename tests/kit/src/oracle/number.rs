use nano_webhook_core::Credits;

use super::json::{Json, to_f64};

pub(super) fn compare_credits(seen: Option<Credits>, literal: Option<&str>) {
    assert_eq!(seen.is_some(), literal.is_some());
    let (Some(seen), Some(literal)) = (seen, literal) else {
        return;
    };
    let float = to_f64(literal);
    assert_eq!(seen.as_f64(), float, "{literal}");
    // Minus zero is zero by value.
    let expected = if float == 0.0 {
        Some(0)
    } else {
        to_u64(literal)
    };
    assert_eq!(seen.as_u64(), expected, "{literal}");
}

/// A whole number. Very long ones are rounded before it is known that they are whole.
pub(super) fn to_u64(literal: &str) -> Option<u64> {
    let float = to_f64(literal);
    let is_whole = float.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(&float);
    match whole(literal) {
        Some(exact) if literal.len() <= 38 => exact.parse().ok(),
        _ => is_whole.then_some(float as u64),
    }
}

/// A number within the range of a double.
pub(super) fn number(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Number(literal) if to_f64(literal).is_finite() => Some((*literal).to_owned()),
        _ => None,
    }
}

/// The digits of a whole number, in whichever form it is written.
fn whole(literal: &str) -> Option<String> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (units, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut digits = format!("{units}{fraction}");
    let shift = exponent.parse::<i64>().ok()? - fraction.len() as i64;
    if shift.unsigned_abs() > 400 {
        return None;
    }
    for _ in 0..shift.unsigned_abs() {
        match shift {
            1.. => digits.push('0'),
            _ if digits.pop() != Some('0') => return None,
            _ => {}
        }
    }
    match digits.trim_start_matches('0') {
        "" => Some("0".to_owned()),
        digits => Some(digits.to_owned()),
    }
}
