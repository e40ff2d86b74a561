/**
 * What holds between the modules: who may use whom, and what every package and service must have.
 */
package io.weft.architecture;
