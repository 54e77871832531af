// A bytecode interpreter, as scripting languages have them: one `switch`, compiled to an indirect jump.
#include "bench.h"

enum Op {
  kPush,
  kAdd,
  kSubtract,
  kMultiply,
  kXor,
  kLoad,
  kStore,
  kDup,
  kSwap,
  kShift,
  kJumpIfNot,
  kJump,
  kLess,
  kEnd
};

// for (i = 0, sum = 1; i < 100; ++i) sum = ((sum * 31 + i) ^ (sum >> 3)) - 7
static const uint8_t program[] = {
    kPush, 0, kStore,    0,      kPush, 1,          kStore, 1,  // 0: i = 0; sum = 1
    kLoad, 0, kPush,     100,    kLess, kJumpIfNot, 42,         // 8: while (i < 100)
    kLoad, 1, kDup,      kPush,  31,    kMultiply,  kLoad,  0,     kAdd, kSwap, kShift, 3, kXor,  // 15
    kPush, 7, kSubtract, kStore, 1,                                                               // 28
    kLoad, 0, kPush,     1,      kAdd,  kStore,     0,      kJump, 8,                             // 33
    kEnd};                                                                                        // 42

static uint32_t interpret(uint32_t* variables) {
  uint32_t stack[16];
  uint32_t* top = stack;
  const uint8_t* at = program;
  for (;;) {
    switch (*at++) {
      case kPush:
        *++top = *at++;
        break;
      case kAdd:
        --top;
        top[0] += top[1];
        break;
      case kSubtract:
        --top;
        top[0] -= top[1];
        break;
      case kMultiply:
        --top;
        top[0] *= top[1];
        break;
      case kXor:
        --top;
        top[0] ^= top[1];
        break;
      case kLoad:
        *++top = variables[*at++];
        break;
      case kStore:
        variables[*at++] = *top--;
        break;
      case kDup:
        top[1] = top[0];
        ++top;
        break;
      case kSwap: {
        const uint32_t low = top[-1];
        top[-1] = top[0];
        top[0] = low;
        break;
      }
      case kShift:
        top[0] >>= *at++;
        break;
      case kLess:
        --top;
        top[0] = top[0] < top[1];
        break;
      case kJumpIfNot:
        at = *top-- ? at + 1 : program + *at;
        break;
      case kJump:
        at = program + *at;
        break;
      case kEnd:
        return variables[1];
    }
  }
}

uint32_t bench(uint32_t iterations) {
  uint32_t result = 0;
  while (iterations--) {
    uint32_t variables[2];
    result = result * 3 + interpret(variables) + iterations;
  }
  return result;
}
