/* Eigenvalues and eigenvectors of small symmetric matrices. Thread-safe. */
#ifndef FET_SYMMETRIC_H
#define FET_SYMMETRIC_H

#include "base.h"

/* a [n,n] symmetric, destroyed. values [n] falling; vectors [n,n], row i belongs to values[i], has
 * length 1, and its largest component is positive. Cyclic Jacobi rotations (Golub & Van Loan, 4th
 * edition 2013, section 8.5): slow but exact to the last bits, and the same on every run. */
void fet_symmetric_eigen(double *a, int n, double *values, double *vectors);

#endif
