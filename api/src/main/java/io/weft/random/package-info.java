/** Seeds of random draws. The draws themselves are ops that depend on nothing but a key. */
package io.weft.random;
