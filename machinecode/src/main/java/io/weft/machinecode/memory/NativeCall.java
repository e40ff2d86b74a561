package io.weft.machinecode.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weft.machinecode.asm.Assembler;
import io.weft.machinecode.asm.Gpr;
import io.weft.machinecode.asm.Isa;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The one way into machine code: a function that jumps to the address in its last argument. So the
 * JVM links, and C2 compiles, one call for all kernels, and a kernel costs no more than its bytes.
 *
 * <p>The call is critical: operands may lie on the heap, the thread does not leave the Java state,
 * and the garbage collector waits for it. A call must end within about a millisecond.
 *
 * <p>Kernels get in RDI, RSI, RDX and R8 the addresses of x, y, z and w (the operands that the
 * frame's offsets are relative to) and in RCX that of the frame.
 */
@SuppressWarnings("restricted")
public final class NativeCall {
  private static final MemorySegment TRAMPOLINE =
      MemorySegment.ofAddress(CodeMemory.install(List.of(trampoline()))[0]);

  /** Linked when the first such kernel runs. */
  private static final class OfEight {
    static final MethodHandle JUMP =
        CodeMemory.LINKER.downcallHandle(
            TRAMPOLINE,
            FunctionDescriptor.ofVoid(
                ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS,
                ADDRESS),
            Linker.Option.critical(true));
  }

  private NativeCall() {}

  private static byte[] trampoline() {
    Assembler a = new Assembler(Isa.AVX2);
    a.jump(Gpr.R9);
    return a.finish();
  }

  /**
   * Runs the kernel at {@code address}. Nothing is checked: the caller has made sure that all that
   * the kernel touches lies inside of the operands.
   */
  public static void run(
      long address, MemorySegment x, MemorySegment y, MemorySegment z, Frame frame) {
    run(address, x, y, z, z, frame);
  }

  /** The same with a fourth operand. */
  public static void run(
      long address,
      MemorySegment x,
      MemorySegment y,
      MemorySegment z,
      MemorySegment w,
      Frame frame) {
    try {
      long unused =
          (long) CodeMemory.CALL.invokeExact(TRAMPOLINE, x, y, z, frame.memory(), w, address);
    } catch (Throwable t) {
      throw CodeMemory.unexpected(t);
    }
  }

  /**
   * The same on arrays. They are wrapped here and not by the caller, because C2 does not always
   * inline this method, and would then allocate what is handed to it.
   */
  public static void run(long address, float[] x, float[] y, float[] z, float[] w, Frame frame) {
    try {
      long unused =
          (long)
              CodeMemory.CALL.invokeExact(
                  TRAMPOLINE,
                  MemorySegment.ofArray(x),
                  MemorySegment.ofArray(y),
                  MemorySegment.ofArray(z),
                  frame.memory(),
                  MemorySegment.ofArray(w),
                  address);
    } catch (Throwable t) {
      throw CodeMemory.unexpected(t);
    }
  }

  /**
   * Runs a kernel of eight operands, of which it finds the last four on the stack, behind the
   * address to which it returns.
   */
  public static void run(
      long address,
      MemorySegment x,
      MemorySegment y,
      MemorySegment z,
      MemorySegment w,
      MemorySegment fifth,
      MemorySegment sixth,
      MemorySegment seventh,
      MemorySegment eighth,
      Frame frame) {
    try {
      OfEight.JUMP.invokeExact(x, y, z, frame.memory(), w, address, fifth, sixth, seventh, eighth);
    } catch (Throwable t) {
      throw CodeMemory.unexpected(t);
    }
  }
}
