// Quicksort (median of three, insertion sort below 12) of 10,000 random words.
#include "bench.h"

enum { kCount = 10000 };

static void insertion_sort(uint32_t* first, uint32_t* last) {
  for (uint32_t* at = first + 1; at <= last; ++at) {
    const uint32_t value = *at;
    uint32_t* hole = at;
    for (; hole > first && hole[-1] > value; --hole) *hole = hole[-1];
    *hole = value;
  }
}

static uint32_t median(uint32_t a, uint32_t b, uint32_t c) {
  if (a > b) {
    const uint32_t larger = a;
    a = b;
    b = larger;
  }
  return c <= a ? a : c >= b ? b : c;
}

static void quicksort(uint32_t* first, uint32_t* last) {
  while (last - first >= 12) {
    const uint32_t pivot = median(*first, first[(last - first) / 2], *last);
    uint32_t* low = first - 1;
    uint32_t* high = last + 1;
    for (;;) {
      do ++low;
      while (*low < pivot);
      do --high;
      while (*high > pivot);
      if (low >= high) break;
      const uint32_t value = *low;
      *low = *high;
      *high = value;
    }
    quicksort(first, high);
    first = high + 1;
  }
  if (first < last) insertion_sort(first, last);
}

uint32_t bench(uint32_t iterations) {
  uint32_t* const words = (uint32_t*)ARENA;
  uint32_t random = 2463534242u;
  uint32_t check = 0;
  while (iterations--) {
    for (uint32_t i = 0; i < kCount; ++i) words[i] = next_random(&random);
    quicksort(words, words + kCount - 1);
    for (uint32_t i = 1; i < kCount; ++i) check += words[i - 1] <= words[i];
    check ^= words[kCount / 2];
  }
  return check;
}
