/**
 * Depthwise convolution in machine code: kernels for a few neighboring outputs, assembled when a
 * geometry needs them, each tried before it serves.
 */
package io.weft.machinecode.depthwise;
