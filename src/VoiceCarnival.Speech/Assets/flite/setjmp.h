/* WASI has no longjmp: what would jump back ends the program instead, which its host notices. */
#ifndef VOICECARNIVAL_SETJMP_H
#define VOICECARNIVAL_SETJMP_H
#include <stdlib.h>
typedef int jmp_buf[1];
#define setjmp(buffer) 0
#define longjmp(buffer, value) abort()
#endif
