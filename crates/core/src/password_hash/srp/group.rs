//! The arithmetic of the 3072-bit group of RFC 3526, section 4.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;

/// How many bytes a number of the group has at most.
pub(super) const GROUP_BYTES: usize = 384;

/// The generator.
const G: u32 = 2;

/// The group, and where numbers of it are worked out.
pub(super) struct Group {
    n: BigNum,
    context: BigNumContext,
}

impl Group {
    /// The group, with room to work in.
    ///
    /// # Errors
    /// When there is no memory.
    pub(super) fn new() -> Result<Self, ErrorStack> {
        Ok(Self { n: BigNum::get_rfc3526_prime_3072()?, context: BigNumContext::new_secure()? })
    }

    /// Its prime.
    pub(super) fn n(&self) -> &BigNumRef {
        &self.n
    }

    /// What is left of a number.
    pub(super) fn rest(&mut self, number: &BigNumRef) -> Result<BigNum, ErrorStack> {
        let mut rest = BigNum::new()?;
        rest.nnmod(number, &self.n, &mut self.context)?;
        Ok(rest)
    }

    pub(super) fn sum(&mut self, a: &BigNumRef, b: &BigNumRef) -> Result<BigNum, ErrorStack> {
        let mut sum = BigNum::new()?;
        sum.mod_add(a, b, &self.n, &mut self.context)?;
        Ok(sum)
    }

    pub(super) fn product(&mut self, a: &BigNumRef, b: &BigNumRef) -> Result<BigNum, ErrorStack> {
        let mut product = BigNum::new()?;
        product.mod_mul(a, b, &self.n, &mut self.context)?;
        Ok(product)
    }

    /// `g` to a secret power, in a time that does not hang on it. The exponent is in bytes, the greatest first.
    ///
    /// # Errors
    /// When there is no memory.
    pub(super) fn power_of_generator(&mut self, exponent: &[u8]) -> Result<BigNum, ErrorStack> {
        #[cfg(target_arch = "x86_64")]
        if let Some(montgomery) = vectors::montgomery() {
            return montgomery.power_of_two(exponent);
        }
        self.power_by_words(&*BigNum::from_u32(G)?, exponent)
    }

    /// A number to a secret power, in a time that does not hang on it. The exponent is in bytes, the greatest first.
    ///
    /// # Errors
    /// When there is no memory.
    pub(super) fn power(&mut self, base: &BigNumRef, exponent: &[u8]) -> Result<BigNum, ErrorStack> {
        #[cfg(target_arch = "x86_64")]
        if let Some(montgomery) = vectors::montgomery().filter(|_| base.num_bits() > 0 && *base < *self.n) {
            return montgomery.power(base, exponent);
        }
        self.power_by_words(base, exponent)
    }

    /// The same by the library, on any processor.
    fn power_by_words(&mut self, base: &BigNumRef, exponent: &[u8]) -> Result<BigNum, ErrorStack> {
        let (mut exponent, mut power) = (BigNum::from_slice(exponent)?, BigNum::new()?);
        exponent.set_const_time();
        let raised = power.mod_exp(base, &exponent, &self.n, &mut self.context);
        exponent.clear();
        raised?;
        Ok(power)
    }
}

/// Our own arithmetic, where the processor can do it.
#[cfg(target_arch = "x86_64")]
mod vectors {
    use std::sync::LazyLock;

    use super::super::montgomery::Montgomery;
    use super::*;

    /// What is known to work here: it has come to what the library comes to.
    pub(super) fn montgomery() -> Option<&'static Montgomery> {
        static MONTGOMERY: LazyLock<Option<Montgomery>> = LazyLock::new(|| {
            tried().unwrap_or_else(|error| {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "SRP goes on without vector arithmetic"
                );
                None
            })
        });
        MONTGOMERY.as_ref()
    }

    fn tried() -> Result<Option<Montgomery>, ErrorStack> {
        let mut group = Group::new()?;
        let Some(montgomery) = Montgomery::new(&group.n)? else { return Ok(None) };
        let (two, exponent) = (BigNum::from_u32(G)?, [0xa5; 32]);
        let power = group.power_by_words(&two, &exponent)?;
        let again = group.power_by_words(&power, &exponent)?;
        if montgomery.power_of_two(&exponent)? != power || montgomery.power(&power, &exponent)? != again {
            tracing::warn!("this processor's vector arithmetic is wrong; SRP goes on without it");
            return Ok(None);
        }
        Ok(Some(montgomery))
    }
}

#[cfg(test)]
mod tests {
    use openssl::bn::MsbOption;

    use super::*;

    /// A number that is so much below the prime.
    fn below(group: &Group, difference: u32) -> BigNum {
        let mut number = BigNum::new().unwrap();
        number.checked_sub(&group.n, &BigNum::from_u32(difference).unwrap()).unwrap();
        number
    }

    fn random(bits: i32) -> BigNum {
        let mut number = BigNum::new().unwrap();
        number.rand(bits, MsbOption::MAYBE_ZERO, false).unwrap();
        number
    }

    /// Whatever the processor can do, the numbers are those of the library.
    fn agrees(group: &mut Group, base: &BigNumRef, exponent: &[u8]) {
        let expected = group.power_by_words(base, exponent).unwrap();
        let shown = (base.to_hex_str().unwrap(), hex::encode(exponent));
        assert_eq!(group.power(base, exponent).unwrap(), expected, "{shown:?}");
        let expected = group.power_by_words(&BigNum::from_u32(G).unwrap(), exponent).unwrap();
        assert_eq!(group.power_of_generator(exponent).unwrap(), expected, "{shown:?}");
    }

    #[test]
    fn powers_at_the_edges_are_the_librarys() {
        let mut group = Group::new().unwrap();
        let mut bases: Vec<_> = [0, 1, 2, 3, u32::MAX].map(|small| BigNum::from_u32(small).unwrap()).into();
        bases.extend([1, 2, 3, u32::MAX].map(|difference| below(&group, difference)));
        bases.extend([0, 1].map(|more| &*group.n + &*BigNum::from_u32(more).unwrap()));
        // Digits of 52 bits that are all zeros, all ones, or one of them.
        for bits in [51, 52, 53, 103, 104, 1560, 3016, 3068, 3071] {
            let (mut power, mut ones) = (BigNum::new().unwrap(), BigNum::new().unwrap());
            power.set_bit(bits).unwrap();
            ones.checked_sub(&power, &BigNum::from_u32(1).unwrap()).unwrap();
            bases.extend([power, ones]);
        }
        let exponents: [&[u8]; 6] = [&[], &[0], &[1], &[0, 0x10], &[0xff; 32], &[0xf0; 33]];
        for base in &bases {
            for exponent in exponents {
                agrees(&mut group, base, exponent);
            }
        }
    }

    /// What is tested here is our own arithmetic, where the processor can do it.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn our_own_arithmetic_is_used_where_it_can_be() {
        let can = is_x86_feature_detected!("avx512ifma") && is_x86_feature_detected!("avx512vl");
        assert_eq!(vectors::montgomery().is_some(), can);
    }

    #[test]
    fn powers_of_any_number_are_the_librarys() {
        let mut group = Group::new().unwrap();
        for _ in 0..40 {
            agrees(&mut group, &random(3072), &random(256).to_vec());
            // What comes of a power has no pattern; what is short has many zeros.
            let base = group.power_of_generator(&random(256).to_vec()).unwrap();
            agrees(&mut group, &base, &random(64).to_vec());
            agrees(&mut group, &random(600), &random(32).to_vec());
        }
        for bits in [1016, 1024] {
            agrees(&mut group, &random(3071), &random(bits).to_vec());
        }
    }
}
