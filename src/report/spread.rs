//! Work on several things in, what each of them gives out, in their order: one after the other, or at a time where the
//! caller has the threads for it.

use std::sync::OnceLock;

/// Does a task for each number below a count, in any order or at a time.
pub type Spread = Box<dyn Fn(usize, &(dyn Fn(usize) + Sync)) + Send + Sync>;
/// The same, borrowed.
pub type Spreading<'s> = &'s (dyn Fn(usize, &(dyn Fn(usize) + Sync)) + 's);

/// What is made of each number below `count`, in their order.
pub(super) fn each<T: Send + Sync>(count: usize, spread: Spreading<'_>, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let mut places: Vec<OnceLock<T>> = Vec::new();
    places.resize_with(count, OnceLock::new);
    spread(count, &|number| {
        if let Some(place) = places.get(number) {
            place.get_or_init(|| make(number));
        }
    });
    let places = places.into_iter().enumerate();
    places.map(|(number, place)| place.into_inner().unwrap_or_else(|| make(number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_missing_whatever_the_threads_do() {
        let ways: [Spreading<'_>; 4] = [
            &|count, task| (0..count).for_each(task),
            &|count, task| (0..count + 2).rev().for_each(task),
            &|count, task| (0..count / 2).chain(0..count).for_each(task),
            &|_, _| (),
        ];
        for spread in ways {
            assert_eq!(each(5, spread, |number| number * number), [0, 1, 4, 9, 16]);
        }
    }
}
