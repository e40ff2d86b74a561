package io.weft.machinecode.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

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

  /**
   * A function at the first address with six arguments in registers, as the ABI passes addresses
   * and integers alike. The system's calls and all kernels go through this one handle, since the
   * JVM takes some 10 ms to link each shape of a call.
   */
  static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG),
          Linker.Option.critical(true));

  private static final MemorySegment MMAP = function("mmap");
  private static final MemorySegment MPROTECT = function("mprotect");

  private CodeMemory() {}

  private static MemorySegment function(String name) {
    Optional<MemorySegment> address = LINKER.defaultLookup().find(name);
    if (address.isEmpty()) {
      throw new UnsupportedOperationException("there is no " + name);
    }
    return address.get();
  }

  /** A function of the system with integers. */
  private static long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
    try {
      return (long)
          CALL.invokeExact(function, integer(a), integer(b), integer(c), integer(d), integer(e), f);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static MemorySegment integer(long value) {
    return MemorySegment.ofAddress(value);
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
    long p = call(MMAP, 0, bytes, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0);
    if (p == -1) {
      throw new UnsupportedOperationException("the system refused memory (mmap)");
    }
    return MemorySegment.ofAddress(p).reinterpret(bytes);
  }

  static void protect(MemorySegment memory, int rights) {
    if ((int) call(MPROTECT, memory.address(), memory.byteSize(), rights, 0, 0, 0) != 0) {
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
