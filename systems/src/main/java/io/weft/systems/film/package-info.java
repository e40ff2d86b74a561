/** FiLM: features scaled and shifted by a condition. */
package io.weft.systems.film;
