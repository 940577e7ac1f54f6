//! Powers modulo the prime of the group, by the 52-bit multiplications that processors with AVX-512 IFMA do eight at a time: in about a
//! third of the time that a library takes, which knows nothing of this prime and multiplies word by word.
//!
//! Numbers are Montgomery's, of 60 digits of 52 bits: `x * R mod N` with `R = 2^3120` stands for `x`. As `R` is 48 bits longer than
//! `N`, products of factors below `2^3088` are below `2 * N`, and none needs a last subtraction. What is done and which memory is read
//! never hangs on a number (KEY-7).

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use pulp::NullaryFnOnce;
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

use super::GROUP_BYTES;

const DIGIT_BITS: usize = 52;
const DIGITS: usize = 60;
const DIGIT: u64 = (1 << DIGIT_BITS) - 1;

/// Eight digits are multiplied at a time.
const LANES: usize = 8;
const VECTORS: usize = DIGITS.div_ceil(LANES);

/// Two digits are so many bytes.
const PAIR_BYTES: usize = 2 * DIGIT_BITS / 8;
const NUMBER_BYTES: usize = DIGITS / 2 * PAIR_BYTES;

/// The bits of an exponent that are taken at a time.
const WINDOW_BITS: usize = 4;

/// A number, the least of its digits first; those beyond [`DIGITS`] are zero.
type Number = [u64; VECTORS * LANES];

pulp::simd_type!({
    struct Instructions {
        pub avx512f: f!("avx512f"),
        pub avx512ifma: f!("avx512ifma"),
    }
});

/// The arithmetic of a prime of 3072 bits that is -1 modulo `2^52`, as that of RFC 3526 is.
pub(super) struct Montgomery {
    instructions: Instructions,
    n: Number,
    /// `R mod N`, which stands for 1.
    one: Number,
    /// `R^2 mod N`, which makes a number Montgomery's.
    square: Number,
}

impl Montgomery {
    /// The arithmetic of a prime, if this processor can do it.
    pub(super) fn new(n: &BigNumRef) -> Result<Option<Self>, ErrorStack> {
        let Some(instructions) = Instructions::try_new() else { return Ok(None) };
        let mut context = BigNumContext::new()?;
        let mut power_of_two = |bits: usize| {
            let (mut power, mut rest) = (BigNum::new()?, BigNum::new()?);
            power.set_bit(i32::try_from(bits).unwrap_or(i32::MAX))?;
            rest.nnmod(&power, n, &mut context)?;
            digits(&rest)
        };
        let (one, square) = (power_of_two(DIGITS * DIGIT_BITS)?, power_of_two(2 * DIGITS * DIGIT_BITS)?);
        let n = *digits(n)?;
        Ok((n[0] == DIGIT).then_some(Self { instructions, n, one: *one, square: *square }))
    }

    /// `base^exponent mod N` of a base from 1 to `N - 1`: what is no multiple of `N` stays none. The exponent is in bytes, the
    /// greatest first.
    pub(super) fn power(&self, base: &BigNumRef, exponent: &[u8]) -> Result<BigNum, ErrorStack> {
        let mut number = Zeroizing::new(self.one);
        self.multiply(&*digits(base)?, &self.square, &mut number);
        let mut powers = Zeroizing::new([self.one; 1 << WINDOW_BITS]);
        for exponent in 1..powers.len() {
            if let ([.., last], [next, ..]) = powers.split_at_mut(exponent) {
                self.multiply(last, &number, next);
            }
        }
        let (mut power, mut spare) = (Zeroizing::new(self.one), Zeroizing::new(self.one));
        for window in windows(exponent) {
            self.raise(&mut power, &mut spare);
            self.multiply(&power, &chosen(&powers, window), &mut spare);
            std::mem::swap(&mut power, &mut spare);
        }
        self.read(&power)
    }

    /// `2^exponent mod N`.
    pub(super) fn power_of_two(&self, exponent: &[u8]) -> Result<BigNum, ErrorStack> {
        let (mut power, mut spare) = (Zeroizing::new(self.one), Zeroizing::new(self.one));
        for window in windows(exponent) {
            self.raise(&mut power, &mut spare);
            shift(&mut power, window);
        }
        self.read(&power)
    }

    /// Raises a number to the power of all that a window may hold, and one.
    fn raise(&self, power: &mut Number, spare: &mut Number) {
        for _ in 0..WINDOW_BITS / 2 {
            self.multiply(power, power, spare);
            self.multiply(spare, spare, power);
        }
    }

    fn multiply(&self, a: &Number, b: &Number, product: &mut Number) {
        let (instructions, n) = (self.instructions, &self.n);
        instructions.vectorize(Multiplication { instructions, a, b, n, product });
    }

    /// What a number stands for.
    fn read(&self, number: &Number) -> Result<BigNum, ErrorStack> {
        let (mut unit, mut digits) = ([0; VECTORS * LANES], Zeroizing::new(self.one));
        unit[0] = 1;
        self.multiply(number, &unit, &mut digits);
        let mut bytes = Zeroizing::new([0; NUMBER_BYTES]);
        for (pair, bytes) in digits.chunks_exact(2).zip(bytes.rchunks_exact_mut(PAIR_BYTES)) {
            let pair = u128::from(pair[1]) << DIGIT_BITS | u128::from(pair[0]);
            bytes.copy_from_slice(&pair.to_be_bytes()[16 - PAIR_BYTES..]);
        }
        BigNum::from_slice(&*bytes)
    }
}

/// The digits of a number.
fn digits(number: &BigNumRef) -> Result<Zeroizing<Number>, ErrorStack> {
    let mut bytes = Zeroizing::new([0; NUMBER_BYTES]);
    let padded = Zeroizing::new(number.to_vec_padded(GROUP_BYTES as i32)?);
    bytes[NUMBER_BYTES - GROUP_BYTES..].copy_from_slice(&padded);
    let mut digits = Zeroizing::new([0; VECTORS * LANES]);
    for (pair, bytes) in digits.chunks_exact_mut(2).zip(bytes.rchunks_exact(PAIR_BYTES)) {
        let value = bytes.iter().fold(0, |value, byte| value << 8 | u128::from(*byte));
        pair.copy_from_slice(&[value as u64 & DIGIT, (value >> DIGIT_BITS) as u64]);
    }
    Ok(digits)
}

/// The bits of an exponent, a window at a time.
fn windows(exponent: &[u8]) -> impl Iterator<Item = u8> {
    exponent.iter().flat_map(|byte| [byte >> WINDOW_BITS, byte & 0xf])
}

/// One of the powers; all of them are read.
fn chosen(powers: &[Number; 1 << WINDOW_BITS], window: u8) -> Zeroizing<Number> {
    let mut chosen = Zeroizing::new([0; VECTORS * LANES]);
    for (exponent, power) in (0..).zip(powers) {
        let mask = u64::conditional_select(&0, &u64::MAX, window.ct_eq(&exponent));
        for (chosen, digit) in chosen.iter_mut().zip(power) {
            *chosen |= digit & mask;
        }
    }
    chosen
}

/// Multiplies a number by `2^bits`. Below `2 * N` before, it is below `2^3088` after.
fn shift(number: &mut Number, bits: u8) {
    let mut carry = 0;
    for digit in number {
        let wide = (u128::from(*digit) << bits) + carry;
        *digit = wide as u64 & DIGIT;
        carry = wide >> DIGIT_BITS;
    }
}

/// `a * b / R mod N` (Handbook of Applied Cryptography, 14.36), as long as a product of Montgomery's numbers is.
struct Multiplication<'a> {
    instructions: Instructions,
    a: &'a Number,
    b: &'a Number,
    n: &'a Number,
    product: &'a mut Number,
}

impl NullaryFnOnce for Multiplication<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Instructions { avx512f, avx512ifma } = self.instructions;
        let [a, n]: [[_; VECTORS]; 2] = [self.a, self.n].map(|number| pulp::cast(*number));
        let zero = avx512f._mm512_setzero_si512();
        let mut sum = [zero; VECTORS];
        for digit in &self.b[..DIGITS] {
            let digit = avx512f._mm512_set1_epi64(digit.cast_signed());
            for (sum, a) in sum.iter_mut().zip(a) {
                *sum = avx512ifma._mm512_madd52lo_epu64(*sum, a, digit);
            }
            // As often as this, N makes the lowest digit zero: it is -1 there.
            let times = avx512f._mm512_broadcastq_epi64(avx512f._mm512_castsi512_si128(sum[0]));
            for (sum, n) in sum.iter_mut().zip(n) {
                *sum = avx512ifma._mm512_madd52lo_epu64(*sum, n, times);
            }
            // That digit goes, but for what it carries; a lane holds no more than 60 bits, as it gains four halves of products
            // in each of sixty rounds.
            let carry = avx512f._mm512_maskz_srli_epi64::<{ DIGIT_BITS as u32 }>(1, sum[0]);
            for lane in 0..VECTORS {
                let above = sum.get(lane + 1).copied().unwrap_or(zero);
                sum[lane] = avx512f._mm512_alignr_epi64::<1>(above, sum[lane]);
            }
            sum[0] = avx512f._mm512_add_epi64(sum[0], carry);
            for ((sum, a), n) in sum.iter_mut().zip(a).zip(n) {
                *sum = avx512ifma._mm512_madd52hi_epu64(*sum, a, digit);
                *sum = avx512ifma._mm512_madd52hi_epu64(*sum, n, times);
            }
        }
        *self.product = pulp::cast(sum);
        let mut carry = 0;
        for digit in self.product {
            let wide = *digit + carry;
            *digit = wide & DIGIT;
            carry = wide >> DIGIT_BITS;
        }
    }
}

#[cfg(test)]
mod tests {
    use openssl::bn::MsbOption;

    use super::*;

    /// The greatest factors that there may be, whose digits are all ones.
    #[test]
    fn products_of_the_greatest_factors_are_right() {
        let n = BigNum::get_rfc3526_prime_3072().unwrap();
        let Some(montgomery) = Montgomery::new(&n).unwrap() else { return };
        let mut context = BigNumContext::new().unwrap();
        let greatest = {
            let mut greatest = [DIGIT; VECTORS * LANES];
            greatest[DIGITS - 1] = (1 << (3088 - (DIGITS - 1) * DIGIT_BITS)) - 1;
            greatest[DIGITS..].fill(0);
            greatest
        };
        let mut almost = *digits(&n).unwrap();
        almost[0] -= 1;
        shift(&mut almost, 15);
        for (a, b) in [(greatest, greatest), (greatest, almost), (almost, almost), (greatest, montgomery.one)]
        {
            let mut product = [0; VECTORS * LANES];
            montgomery.multiply(&a, &b, &mut product);
            assert!(
                product[DIGITS..].iter().all(|digit| *digit == 0)
                    && product.iter().all(|digit| *digit <= DIGIT)
            );
            // Each of the three stands for what it is over R.
            let [a, b, product] = [a, b, product].map(|number| montgomery.read(&number).unwrap());
            let mut expected = BigNum::new().unwrap();
            expected.mod_mul(&a, &b, &n, &mut context).unwrap();
            assert_eq!(product, expected);
        }
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let n = BigNum::get_rfc3526_prime_3072().unwrap();
        let Some(montgomery) = Montgomery::new(&n).unwrap() else { return };
        for bits in [0, 1, 51, 52, 53, 104, 3000, 3071] {
            let mut number = BigNum::new().unwrap();
            number.rand(bits, MsbOption::MAYBE_ZERO, false).unwrap();
            let mut written = [0; VECTORS * LANES];
            montgomery.multiply(&digits(&number).unwrap(), &montgomery.square, &mut written);
            assert_eq!(montgomery.read(&written).unwrap(), number);
        }
    }
}
