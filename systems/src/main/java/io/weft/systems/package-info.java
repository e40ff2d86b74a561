/** The table of this module's classes; each family has a package of its own below. */
package io.weft.systems;
