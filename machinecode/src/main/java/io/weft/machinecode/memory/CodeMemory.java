package io.weft.machinecode.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Executable memory: mapped writable, filled, then made executable and no longer writable. Never
 * unmapped: code lives as long as the process. Linux.
 */
@SuppressWarnings("restricted")
public final class CodeMemory {
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int EXECUTE = 4;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final long PAGE = 4096;
  private static final int LINE = 64;

  static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      function("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private CodeMemory() {}

  private static MethodHandle function(String name, FunctionDescriptor type) {
    MemorySegment address =
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsupportedOperationException("there is no " + name));
    return LINKER.downcallHandle(address, type);
  }

  /**
   * Makes functions executable; gives their addresses, multiples of 64.
   *
   * @throws UnsupportedOperationException if the system refuses
   */
  public static long[] install(List<byte[]> functions) {
    long size = 0;
    for (byte[] f : functions) {
      size += roundUp(f.length, LINE);
    }
    MemorySegment memory = map(roundUp(size, PAGE));
    long[] addresses = new long[functions.size()];
    long at = 0;
    for (int i = 0; i < addresses.length; i++) {
      byte[] f = functions.get(i);
      MemorySegment.copy(f, 0, memory, JAVA_BYTE, at, f.length);
      addresses[i] = memory.address() + at;
      at += roundUp(f.length, LINE);
    }
    protect(memory, READ | EXECUTE);
    return addresses;
  }

  /** Private zeroed pages that can be read and written. */
  static MemorySegment map(long bytes) {
    MemorySegment p;
    try {
      p =
          (MemorySegment)
              MMAP.invokeExact(MemorySegment.NULL, bytes, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
    if (p.address() == -1) {
      throw new UnsupportedOperationException("the system refused memory (mmap)");
    }
    return p.reinterpret(bytes);
  }

  static void protect(MemorySegment memory, int rights) {
    int failed;
    try {
      failed = (int) MPROTECT.invokeExact(memory, memory.byteSize(), rights);
    } catch (Throwable t) {
      throw unexpected(t);
    }
    if (failed != 0) {
      throw new UnsupportedOperationException(
          "the system refused executable memory (mprotect); allow it in the security policy");
    }
  }

  /** A downcall declares Throwable; a kernel throws nothing. */
  static RuntimeException unexpected(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof RuntimeException r ? r : new IllegalStateException(t);
  }

  private static long roundUp(long n, long multiple) {
    return (n + multiple - 1) / multiple * multiple;
  }
}
