/** Brings the machine-code kernels into the engine; see {@link io.weft.machinecode.MachineCode}. */
package io.weft.machinecode;
