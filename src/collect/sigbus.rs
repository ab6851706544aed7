//! Mapped windows in, survival out: when a file shrinks under its map, the pages it lost read as zeros.
//!
//! Touching a page that a mapped file no longer has raises SIGBUS, which ends the process and all results with it. The
//! handler here puts a zero page in the place of the lost one and marks the window; everything else it leaves to
//! whoever handled the signal before.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// How many windows can be guarded at a time; beyond that files are read instead of mapped.
const SLOTS: usize = 512;

struct Slot {
    /// The address of the window; 0 if the slot is free, 1 while it is being filled.
    start: AtomicUsize,
    end: AtomicUsize,
    hit: AtomicBool,
}

static WINDOWS: [Slot; SLOTS] =
    [const { Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), hit: AtomicBool::new(false) } }; SLOTS];
static PAGE: AtomicUsize = AtomicUsize::new(0);
static BEFORE: OnceLock<Option<libc::sigaction>> = OnceLock::new();

/// A window under guard, until it is dropped.
#[derive(Debug)]
pub(super) struct Guard {
    slot: usize,
}

impl Guard {
    /// Guards these bytes; `None` if that cannot be done.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        BEFORE.get_or_init(install).as_ref()?;
        let slot = WINDOWS
            .iter()
            .position(|slot| slot.start.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok())?;
        let window = WINDOWS.get(slot)?;
        let start = bytes.as_ptr() as usize;
        window.hit.store(false, Ordering::Relaxed);
        window.end.store(start + bytes.len(), Ordering::Relaxed);
        window.start.store(start, Ordering::Release);
        Some(Self { slot })
    }

    /// Whether a page of the window was lost.
    pub(super) fn hit(&self) -> bool {
        WINDOWS.get(self.slot).is_some_and(|window| window.hit.load(Ordering::Relaxed))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(window) = WINDOWS.get(self.slot) {
            window.start.store(0, Ordering::Release);
        }
    }
}

/// Installs the handler; gives what was there before.
fn install() -> Option<libc::sigaction> {
    #[expect(unsafe_code, reason = "the standard library does not tell the size of a page")]
    // SAFETY: sysconf reads a constant of the system and touches no memory of ours.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    PAGE.store(usize::try_from(page).ok()?, Ordering::Relaxed);
    #[expect(unsafe_code, reason = "the C structure has no other constructor")]
    // SAFETY: sigaction is plain data for which all zeros is a valid value.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    let mut before = action;
    action.sa_sigaction = handle as extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    #[expect(unsafe_code, reason = "the standard library has no signals")]
    // SAFETY: both pointers are to live structures; the handler has the signature that SA_SIGINFO asks for, and does
    // nothing that is forbidden in a handler: it reads and writes atomics and calls mmap and sigaction.
    let result = unsafe { libc::sigaction(libc::SIGBUS, &raw const action, &raw mut before) };
    (result == 0).then_some(before)
}

extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    #[expect(unsafe_code, reason = "a signal handler is given a pointer")]
    // SAFETY: with SA_SIGINFO the kernel passes a valid siginfo that lives as long as the handler runs.
    let Some(info) = (unsafe { info.as_ref() }) else { return };
    #[expect(unsafe_code, reason = "the address of the fault is in a C union")]
    // SAFETY: for SIGBUS the address is the member of the union that the kernel has set.
    let address = unsafe { info.si_addr() } as usize;
    let window = WINDOWS.iter().find(|window| {
        let start = window.start.load(Ordering::Acquire);
        start > 1 && start <= address && address < window.end.load(Ordering::Relaxed)
    });
    let page = PAGE.load(Ordering::Relaxed);
    if let Some(window) = window
        && page > 0
        && zero_page(address / page * page, page)
    {
        window.hit.store(true, Ordering::Relaxed);
        return;
    }
    // Not ours: the access is tried again and meets the handler that was there before.
    if let Some(Some(before)) = BEFORE.get() {
        #[expect(unsafe_code, reason = "the standard library has no signals")]
        // SAFETY: the structure is what sigaction gave us for this signal, and lives as long as the process.
        let _ = unsafe { libc::sigaction(signal, before, std::ptr::null_mut()) };
    }
}

/// Puts a page of zeros in the place of one that its file has lost.
fn zero_page(address: usize, page: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
    #[expect(unsafe_code, reason = "the only way to go on behind a lost page")]
    // SAFETY: the page lies within a window that we mapped read-only and that is still registered, hence still mapped;
    // replacing it changes no memory that anything but readers of that window can see. Those see zeros from here on,
    // as they would see any other change of the file by another process.
    let mapped = unsafe { libc::mmap(address as *mut libc::c_void, page, libc::PROT_READ, flags, -1, 0) };
    mapped != libc::MAP_FAILED
}
