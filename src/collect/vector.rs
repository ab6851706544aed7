//! Bytes in, the place of the first one that matters out, many bytes at once.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the registers of its caller")]

/// What is done to many bytes at once.
pub(super) trait Vector {
    /// The next quote, backslash or control byte, at `from` or later.
    fn special(bytes: &[u8], from: usize) -> Option<usize>;
    /// How many of the first bytes are the same in both.
    fn same(one: &[u8], other: &[u8]) -> usize;
}

/// As every processor can.
pub(super) struct Portable;

impl Vector for Portable {
    #[inline(always)]
    fn special(bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        let (blocks, rest) = bytes.get(from..)?.as_chunks::<16>();
        for block in blocks {
            let found = specials(*block);
            if found != 0 {
                return Some(at + found.trailing_zeros() as usize);
            }
            at += 16;
        }
        rest.iter().position(|byte| is_special(*byte)).map(|found| at + found)
    }

    #[inline(always)]
    fn same(one: &[u8], other: &[u8]) -> usize {
        let mut at = 0;
        let ((ones, _), (others, _)) = (one.as_chunks::<16>(), other.as_chunks::<16>());
        let mut others = others.iter();
        for ours in ones {
            if others.next() != Some(ours) {
                break;
            }
            at += 16;
        }
        let rest = one.iter().zip(other).skip(at);
        at + rest.take_while(|(one, other)| one == other).count()
    }
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

/// One bit for every byte, set for quotes, backslashes and control bytes.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn specials(block: [u8; 16]) -> u32 {
    #[expect(unsafe_code, reason = "sixteen bytes at once are what makes layouts worth their while")]
    // SAFETY: every x86-64 processor has SSE2, and the function reads nothing but its argument.
    unsafe {
        x86::specials(block)
    }
}

/// One bit for every byte, set for quotes, backslashes and control bytes.
#[cfg(not(target_arch = "x86_64"))]
fn specials(block: [u8; 16]) -> u32 {
    block.iter().rev().fold(0, |found, byte| found << 1 | u32::from(is_special(*byte)))
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
        _mm256_cmpeq_epi8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    };

    use super::{Portable, Vector};

    #[target_feature(enable = "sse2")]
    #[inline]
    pub(super) fn specials(block: [u8; 16]) -> u32 {
        #[expect(unsafe_code, reason = "the registers are filled by one load")]
        // SAFETY: both are sixteen bytes of which every value is allowed.
        let bytes = unsafe { std::mem::transmute::<[u8; 16], __m128i>(block) };
        let quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"'.cast_signed()));
        let backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\'.cast_signed()));
        let controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls)).cast_unsigned()
    }

    /// Thirty-two bytes at once, for functions that are compiled for AVX2 and called where the processor has it.
    pub(in crate::collect) struct Avx2;

    impl Vector for Avx2 {
        #[inline(always)]
        fn special(bytes: &[u8], from: usize) -> Option<usize> {
            let mut at = from;
            let (blocks, _) = bytes.get(from..)?.as_chunks::<32>();
            for block in blocks {
                #[expect(unsafe_code, reason = "twice as many bytes at once")]
                // SAFETY: who names this type has found AVX2; nothing but the argument is read.
                let found = unsafe { wide_specials(block) };
                if found != 0 {
                    return Some(at + found.trailing_zeros() as usize);
                }
                at += 32;
            }
            Portable::special(bytes, at)
        }

        #[inline(always)]
        fn same(one: &[u8], other: &[u8]) -> usize {
            let mut at = 0;
            let ((ones, _), (others, _)) = (one.as_chunks::<32>(), other.as_chunks::<32>());
            let mut others = others.iter();
            // Not zipped, which is a call of its own where the compiler thinks the loop long enough.
            for ours in ones {
                let Some(theirs) = others.next() else { break };
                #[expect(unsafe_code, reason = "twice as many bytes at once")]
                // SAFETY: who names this type has found AVX2; nothing but the arguments is read.
                let equal = unsafe { wide_equal(ours, theirs) };
                if equal != u32::MAX {
                    return at + equal.trailing_ones() as usize;
                }
                at += 32;
            }
            at + Portable::same(one.get(at..).unwrap_or_default(), other.get(at..).unwrap_or_default())
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn wide_specials(block: &[u8; 32]) -> u32 {
        let bytes = wide(block);
        let quotes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'"'.cast_signed()));
        let backslashes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'\\'.cast_signed()));
        let controls = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
        _mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quotes, backslashes), controls)).cast_unsigned()
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn wide_equal(one: &[u8; 32], other: &[u8; 32]) -> u32 {
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(wide(one), wide(other))).cast_unsigned()
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn wide(block: &[u8; 32]) -> __m256i {
        #[expect(unsafe_code, reason = "the registers are filled by one load")]
        // SAFETY: both are thirty-two bytes of which every value is allowed.
        unsafe {
            std::mem::transmute::<[u8; 32], __m256i>(*block)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agree<V: Vector>(one: &[u8], other: &[u8]) {
        for from in 0..=one.len() {
            let expected = one[from..].iter().position(|byte| is_special(*byte)).map(|at| from + at);
            assert_eq!(V::special(one, from), expected);
        }
        assert_eq!(V::same(one, other), one.iter().zip(other).take_while(|(one, other)| one == other).count());
        assert_eq!(V::same(one, one), one.len());
    }

    proptest! {
        #[test]
        fn all_ways_find_the_same(
            one in prop::collection::vec(prop_oneof![9 => 0x20u8..0xff, 1 => prop::sample::select(vec![b'"', b'\\', 0, 0x1f])], 0..140),
            (at, byte, cut) in (0usize..140, any::<u8>(), 0usize..140),
        ) {
            let mut other = one.clone();
            if let Some(changed) = other.get_mut(at) {
                *changed = byte;
            }
            other.truncate(cut.max(20));
            agree::<Portable>(&one, &other);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") {
                agree::<x86::Avx2>(&one, &other);
            }
        }
    }
}
