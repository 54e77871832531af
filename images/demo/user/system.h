// The system calls, as programs see them: INT 80h with the number in EAX, arguments in EBX and ECX.
#pragma once

#include <stdint.h>

enum {
  SYSTEM_EXIT, SYSTEM_WRITE, SYSTEM_GETPID, SYSTEM_YIELD, SYSTEM_SLEEP, SYSTEM_SUM, SYSTEM_TICKS, SYSTEM_REPORT,
};
#define SYSTEM_ERROR 0xFFFFFFFFu

static inline uint32_t system_call_2(uint32_t number, uint32_t a, uint32_t b) {
  uint32_t result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
  return result;
}

static inline void exit(int code) { system_call_2(SYSTEM_EXIT, (uint32_t)code, 0); }
static inline uint32_t write(const char *text, uint32_t size) { return system_call_2(SYSTEM_WRITE, (uint32_t)text, size); }
static inline uint32_t getpid(void) { return system_call_2(SYSTEM_GETPID, 0, 0); }
static inline void yield(void) { system_call_2(SYSTEM_YIELD, 0, 0); }
static inline void sleep(uint32_t ticks) { system_call_2(SYSTEM_SLEEP, ticks, 0); }
static inline uint32_t sum(uint32_t a, uint32_t b) { return system_call_2(SYSTEM_SUM, a, b); }
static inline void report(uint32_t value) { system_call_2(SYSTEM_REPORT, value, 0); }
