use std::fmt;

/// An amount of credits. The provider's page shows an integer; fractions are
/// accepted too.
///
/// Amounts are equal by value: `6`, `6.0` and `6e0` are the same amount. Whole
/// amounts are exact up to [`u64::MAX`]; negative and fractional ones are
/// rounded to the nearest [`f64`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Credits(Amount);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    Whole(u64),
    /// Negative, fractional, or beyond `u64`.
    Other(f64),
}

/// The first float beyond `u64`.
const TWO_TO_THE_64: f64 = 18_446_744_073_709_551_616.0;

impl Credits {
    /// The amount, if it is a whole number from 0 to [`u64::MAX`].
    #[must_use]
    pub const fn as_u64(self) -> Option<u64> {
        match self.0 {
            Amount::Whole(amount) => Some(amount),
            Amount::Other(_) => None,
        }
    }

    /// The amount as a floating-point number; above 2^53 it may be rounded.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        match self.0 {
            Amount::Whole(amount) => amount as f64,
            Amount::Other(amount) => amount,
        }
    }

    /// The value of a JSON value, if that is a number within the range of `f64`.
    pub(super) fn from_json(literal: &str) -> Option<Self> {
        if let Some(whole) = exact(literal) {
            return Some(Self(Amount::Whole(whole)));
        }
        let float: f64 = literal
            .parse()
            .ok()
            .filter(|float: &f64| float.is_finite())?;
        let is_whole = float.fract() == 0.0 && (0.0..TWO_TO_THE_64).contains(&float);
        Some(Self(match is_whole {
            true => Amount::Whole(float as u64),
            false => Amount::Other(float),
        }))
    }
}

/// The whole number that a JSON number stands for in any of its forms, without
/// the rounding of a float. Numbers of more than 38 digits are left to the float.
fn exact(literal: &str) -> Option<u64> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (units, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: u128 = match fraction {
        "" => units.parse().ok()?,
        _ => format!("{units}{fraction}").parse().ok()?,
    };
    let shift = (exponent.parse::<i64>().ok()?).checked_sub_unsigned(fraction.len() as u64)?;
    let scale = 10_u128.checked_pow(shift.unsigned_abs().try_into().ok()?)?;
    let value = match shift {
        ..0 => digits.is_multiple_of(scale).then_some(digits / scale),
        _ => digits.checked_mul(scale),
    };
    value?.try_into().ok()
}

impl From<u64> for Credits {
    fn from(amount: u64) -> Self {
        Self(Amount::Whole(amount))
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Amount::Whole(amount) => amount.fmt(f),
            Amount::Other(amount) => amount.fmt(f),
        }
    }
}
