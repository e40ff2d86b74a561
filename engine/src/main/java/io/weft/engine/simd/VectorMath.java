package io.weft.engine.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of one vector; formulas and limits as {@link io.weft.engine.kernel.MathF}, all in
 * float. Conversions between int and float go through the bits of {@code 1.5 · 2^23 + n}, since 17
 * has no fast cast.
 */
final class VectorMath {
  private static final float LOG2E = 1.44269504088896341f;
  private static final float LN2_HI = 0.693359375f;
  private static final float LN2_LO = -2.12194440e-4f;
  private static final float ROUND = 12582912f;
  private static final int ROUND_BITS = 0x4b400000;

  private static final FloatVector ONE = constant(1f);
  private static final FloatVector TWO = constant(2f);
  private static final FloatVector EXP_0 = constant(LOG2E);
  private static final FloatVector EXP_1 = constant(ROUND);
  private static final FloatVector EXP_2 = constant(-LN2_HI);
  private static final FloatVector EXP_3 = constant(-LN2_LO);
  private static final FloatVector EXP_4 = constant(1.9875691500e-4f);
  private static final FloatVector EXP_5 = constant(1.3981999507e-3f);
  private static final FloatVector EXP_6 = constant(8.3334519073e-3f);
  private static final FloatVector EXP_7 = constant(4.1665795894e-2f);
  private static final FloatVector EXP_8 = constant(1.6666665459e-1f);
  private static final FloatVector EXP_9 = constant(5.0000001201e-1f);
  private static final FloatVector LOG_0 = constant(7.0376836292e-2f);
  private static final FloatVector LOG_1 = constant(-1.1514610310e-1f);
  private static final FloatVector LOG_2 = constant(1.1676998740e-1f);
  private static final FloatVector LOG_3 = constant(-1.2420140846e-1f);
  private static final FloatVector LOG_4 = constant(1.4249322787e-1f);
  private static final FloatVector LOG_5 = constant(-1.6668057665e-1f);
  private static final FloatVector LOG_6 = constant(2.0000714765e-1f);
  private static final FloatVector LOG_7 = constant(-2.4999993993e-1f);
  private static final FloatVector LOG_8 = constant(3.3333331174e-1f);
  private static final FloatVector LOG_9 = constant(LN2_LO);
  private static final FloatVector LOG_10 = constant(LN2_HI);
  private static final FloatVector TANH_0 = constant(-5.70498872745e-3f);
  private static final FloatVector TANH_1 = constant(2.06390887954e-2f);
  private static final FloatVector TANH_2 = constant(-5.37397155531e-2f);
  private static final FloatVector TANH_3 = constant(1.33314422036e-1f);
  private static final FloatVector TANH_4 = constant(-3.33332819422e-1f);
  private static final FloatVector GAUSS_0 = constant(0.5f);
  private static final FloatVector ERFCX_0 = constant(9.990615641237e-05f);
  private static final FloatVector ERFCX_1 = constant(-3.2735480417109134e-05f);
  private static final FloatVector ERFCX_2 = constant(-0.0008184713589381104f);
  private static final FloatVector ERFCX_3 = constant(0.00405964171891677f);
  private static final FloatVector ERFCX_4 = constant(-0.012837856067105068f);
  private static final FloatVector ERFCX_5 = constant(0.03130001012919587f);
  private static final FloatVector ERFCX_6 = constant(-0.06310866881126649f);
  private static final FloatVector ERFCX_7 = constant(0.10896303687539835f);
  private static final FloatVector ERFCX_8 = constant(-0.16425776455764673f);
  private static final FloatVector ERFCX_9 = constant(0.2187196846782121f);
  private static final FloatVector ERFCX_10 = constant(-0.2590680497370447f);
  private static final FloatVector ERFCX_11 = constant(0.1369994575932966f);
  private static final FloatVector ERF_0 = constant(7.882497104105823e-05f);
  private static final FloatVector ERF_1 = constant(-0.0008018854991185265f);
  private static final FloatVector ERF_2 = constant(0.005189311942516817f);
  private static final FloatVector ERF_3 = constant(-0.026854328795967497f);
  private static final FloatVector ERF_4 = constant(0.11283597463484307f);
  private static final FloatVector ERF_5 = constant(-0.37612626903579677f);
  private static final FloatVector ERF_6 = constant(1.128379165881502f);

  private VectorMath() {}

  private static FloatVector constant(float x) {
    return FloatVector.broadcast(Tiles.S, x);
  }

  static FloatVector exp(FloatVector x) {
    FloatVector t = x.blend(89f, x.compare(VectorOperators.GT, 89f));
    t = t.blend(-104f, t.compare(VectorOperators.LT, -104f));
    FloatVector shifted = t.fma(EXP_0, EXP_1);
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(EXP_2, t);
    r = n.fma(EXP_3, r);
    FloatVector p = EXP_4;
    p = p.fma(r, EXP_5);
    p = p.fma(r, EXP_6);
    p = p.fma(r, EXP_7);
    p = p.fma(r, EXP_8);
    p = p.fma(r, EXP_9);
    FloatVector y = p.fma(r.mul(r), r).add(1f);
    IntVector e = shifted.reinterpretAsInts().sub(ROUND_BITS);
    IntVector half = e.lanewise(VectorOperators.ASHR, 1);
    return y.mul(power(half)).mul(power(e.sub(half)));
  }

  /** {@code 2^e}. */
  private static FloatVector power(IntVector e) {
    return e.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /** Logarithm of positive finite x. */
  static FloatVector log(FloatVector x) {
    VectorMask<Float> tiny = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
    FloatVector s = x.blend(x.mul(33554432f), tiny);
    IntVector bits = s.reinterpretAsInts();
    IntVector e = bits.sub(0x3f3504f3).lanewise(VectorOperators.ASHR, 23);
    FloatVector m = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(1f);
    FloatVector n = e.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND);
    n = n.blend(n.sub(25f), tiny);
    FloatVector p = LOG_0;
    p = p.fma(m, LOG_1);
    p = p.fma(m, LOG_2);
    p = p.fma(m, LOG_3);
    p = p.fma(m, LOG_4);
    p = p.fma(m, LOG_5);
    p = p.fma(m, LOG_6);
    p = p.fma(m, LOG_7);
    p = p.fma(m, LOG_8);
    FloatVector z = m.mul(m);
    FloatVector y = n.fma(LOG_9, m.mul(z).mul(p)).sub(z.mul(0.5f));
    return n.fma(LOG_10, m.add(y));
  }

  /** {@code y}, the {@link #log} of x, put right where x is no positive number or infinite. */
  static FloatVector logLimits(FloatVector x, FloatVector y) {
    FloatVector result = y.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    result = result.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
    result = result.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    return result.blend(x, x.compare(VectorOperators.NE, x)); // NaN
  }

  /** From {@code e = e^(2|x|)}. */
  static FloatVector tanh(FloatVector x, FloatVector e) {
    FloatVector z = x.mul(x);
    FloatVector p = TANH_0;
    p = p.fma(z, TANH_1);
    p = p.fma(z, TANH_2);
    p = p.fma(z, TANH_3);
    p = p.fma(z, TANH_4);
    FloatVector small = x.mul(z).fma(p, x);
    FloatVector large = ONE.sub(TWO.div(e.add(1f)));
    return withSign(large, x).blend(small, x.abs().compare(VectorOperators.LT, 0.625f));
  }

  /** {@code magnitude} (not negative) with the sign bit of {@code sign}. */
  private static FloatVector withSign(FloatVector magnitude, FloatVector sign) {
    IntVector bit = sign.reinterpretAsInts().and(0x80000000);
    return magnitude.reinterpretAsInts().or(bit).reinterpretAsFloats();
  }

  /** From {@code e = e^-|x|}. */
  static FloatVector sigmoid(FloatVector x, FloatVector e) {
    FloatVector top = ONE.blend(e, x.compare(VectorOperators.LT, 0f));
    return top.div(e.add(1f));
  }

  /** {@code |x|}, at most {@code limit}; NaN stays. */
  static FloatVector magnitude(FloatVector x, float limit) {
    FloatVector a = x.abs();
    return a.blend(limit, a.compare(VectorOperators.GT, limit));
  }

  /** Upper 12 bits of the significand, so that the square is exact. */
  static FloatVector upperBits(FloatVector x) {
    return x.reinterpretAsInts().and(0xfffff000).reinterpretAsFloats();
  }

  /** {@code e^(-scale a²)} from {@code e = e^(-scale h²)}, h the upper bits of a. */
  static FloatVector gaussian(FloatVector a, FloatVector e, float scale) {
    FloatVector high = upperBits(a);
    FloatVector low = a.sub(high).mul(a.add(high)).mul(-scale); // at most 0.11
    FloatVector p = low.mul(1f / 24).add(1f / 6);
    p = p.fma(low, GAUSS_0);
    p = p.fma(low, ONE);
    return p.mul(low).fma(e, e);
  }

  /** {@code e^(z²) erfc(z)} for z in [0, 10.6]: fit in (z-4)/(z+4), relative error 6.2e-10. */
  static FloatVector scaledErfc(FloatVector z) {
    FloatVector t = z.sub(4f).div(z.add(4f));
    FloatVector p = ERFCX_0;
    p = p.fma(t, ERFCX_1);
    p = p.fma(t, ERFCX_2);
    p = p.fma(t, ERFCX_3);
    p = p.fma(t, ERFCX_4);
    p = p.fma(t, ERFCX_5);
    p = p.fma(t, ERFCX_6);
    p = p.fma(t, ERFCX_7);
    p = p.fma(t, ERFCX_8);
    p = p.fma(t, ERFCX_9);
    p = p.fma(t, ERFCX_10);
    return p.fma(t, ERFCX_11);
  }

  /** {@code erf x / x} of {@code s = x²}. */
  private static FloatVector erfSmall(FloatVector s) {
    FloatVector p = ERF_0;
    p = p.fma(s, ERF_1);
    p = p.fma(s, ERF_2);
    p = p.fma(s, ERF_3);
    p = p.fma(s, ERF_4);
    p = p.fma(s, ERF_5);
    return p.fma(s, ERF_6);
  }

  /** From {@code tail = erfc(|x|)}. */
  static FloatVector erf(FloatVector x, FloatVector tail) {
    FloatVector small = x.mul(erfSmall(x.mul(x)));
    FloatVector large = withSign(ONE.sub(tail), x);
    return large.blend(small, x.abs().compare(VectorOperators.LT, 0.9f));
  }

  /** erfc from {@code tail = erfc(|x|)}. */
  static FloatVector erfcSmall(FloatVector x, FloatVector tail) {
    FloatVector small = ONE.sub(x.mul(erfSmall(x.mul(x))));
    FloatVector large = tail.blend(TWO.sub(tail), x.compare(VectorOperators.LT, 0f));
    return large.blend(small, x.abs().compare(VectorOperators.LT, 0.5f));
  }

  /** {@code 1 - s}, where x is negative s. */
  static FloatVector complement(FloatVector s, FloatVector x) {
    return ONE.sub(s).blend(s, x.compare(VectorOperators.LT, 0f));
  }

  /** {@code -x} where x is negative, else {@code other}. */
  static FloatVector negativePart(FloatVector x, FloatVector other) {
    return other.blend(x.neg(), x.compare(VectorOperators.LT, 0f));
  }

  /** {@code max(x, 0)}, NaN stays. */
  static FloatVector positivePart(FloatVector x) {
    return x.blend(0f, x.compare(VectorOperators.LT, 0f));
  }

  /** {@code max(x, 0) + log(1 + e)} from {@code u = 1 + e} and {@code log u}. */
  static FloatVector softplus(FloatVector x, FloatVector e, FloatVector log) {
    FloatVector u = e.add(1f);
    FloatVector correction = e.sub(u.sub(1f)).div(u);
    return positivePart(x).add(log.add(correction));
  }
}
