// What a benchmark is: one function, in assembly or C, which does its work `iterations` times and returns a
// value that depends on all of it. It runs in ring 0 with interrupts off, flat segments, 4 KiB pages that map
// the first 16 MiB to themselves.
#pragma once

#include <stdint.h>

uint32_t bench(uint32_t iterations);

// Memory that nobody else uses: 2 MiB to 8 MiB.
#define ARENA ((uint8_t*)0x200000)

// Page table entry of a linear address below 16 MiB.
#define PAGE_TABLES ((volatile uint32_t*)0x101000)

enum { kGatePresent = 0x8E00, kGateForRing3 = 0xEE00 };

// Vector `vector` goes to `handler` through a 32-bit interrupt gate.
void set_gate(uint32_t vector, void (*handler)(void), uint32_t kind);

void* memcpy(void* to, const void* from, unsigned long size);
void* memset(void* to, int value, unsigned long size);

// Marsaglia's xorshift with 32 bits of state.
static inline uint32_t next_random(uint32_t* state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}
