/** 3×3 convolutions with fewer multiplications (Winograd's F(2×2, 3×3)). */
package io.weft.machinecode.winograd;
