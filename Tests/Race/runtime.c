// What ThreadSanitizer cannot see of Swift's own libraries, because they are not compiled for it: that a thread which waited for
// a mutex, or for a continuation, comes after the one that let it go. Loaded before them (LD_PRELOAD), this tells it so.
// Without it every contended `Mutex` is reported. Written for Swift 6.3 on x86-64 and arm64; `Tests/Race/run` tries it first.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

// Of the instrumented program. Other programs that are started with this library (PostgreSQL) have none.
void __tsan_acquire(void *) __attribute__((weak));
void __tsan_release(void *) __attribute__((weak));

// ---- Synchronization.Mutex. What is done where nobody waits is compiled into its callers, and so is seen.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

SWIFT void lock_slowly(uint32_t thread, SELF void *handle) __asm__(LOCK);
SWIFT void unlock_slowly(SELF void *handle) __asm__(UNLOCK);

SWIFT void lock_slowly(uint32_t thread, SELF void *handle) {
    SWIFT void (*real)(uint32_t, SELF void *) = dlsym(RTLD_NEXT, LOCK);
    real(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT void unlock_slowly(SELF void *handle) {
    SWIFT void (*real)(SELF void *) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(handle);
    real(handle);
}

// ---- Continuations. The runtime tells of a resumption by `_swift_tsan_release`, and of going on where a task was put into a
// queue, but not where the resumption came before the wait: then the task goes on without a word. So whoever resumes waits a
// little until the task waits. Where it does not (it may wait for this very thread) nothing is lost but the right report.
enum { task_context = 0x40, context_status = 0x18, pending = 0 };

static const char *const names[] = {
    "swift_continuation_resume", "swift_continuation_throwingResume", "swift_continuation_throwingResumeWithError"};
enum { resumptions = sizeof names / sizeof *names };
static struct { uintptr_t begin, end; } resume[resumptions];
static void *(*current_task)(void);

static void released(void *job) {
    uintptr_t caller = (uintptr_t)__builtin_return_address(0);
    __tsan_release(job);
    for (int i = 0; i < resumptions; i++) {
        if (caller < resume[i].begin || caller >= resume[i].end) continue;
        if (current_task() == job) return;
        char *context = *(char **)((char *)job + task_context);
        uintptr_t *status = (uintptr_t *)(context + context_status);
        struct timespec moment = {.tv_nsec = 20000};
        for (int n = 0; n < 5000 && __atomic_load_n(status, __ATOMIC_ACQUIRE) == pending; n++) nanosleep(&moment, NULL);
        return;
    }
}

__attribute__((constructor)) static void begin(void) {
    void (**release)(void *) = dlsym(RTLD_DEFAULT, "_swift_tsan_release");
    current_task = dlsym(RTLD_DEFAULT, "swift_task_getCurrent");
    if (!release || !*release || !current_task) return;
    for (int i = 0; i < resumptions; i++) {
        Dl_info where;
        ElfW(Sym) *symbol;
        if (!dladdr1(dlsym(RTLD_DEFAULT, names[i]), &where, (void **)&symbol, RTLD_DL_SYMENT) || !symbol) continue;
        resume[i].begin = (uintptr_t)where.dli_saddr;
        resume[i].end = resume[i].begin + symbol->st_size;
    }
    *release = released;
}
