/* The table of operators that relevance goes through: a new operator of inference graphs is a line here. */
#ifndef GR_EXPLAIN_RELEVANCE_KINDS_H
#define GR_EXPLAIN_RELEVANCE_KINDS_H

#include "explain/relevance_step.h"

/* What an operator does with relevance; NULL: it has no rule (losses). */
const gr_relevance_kind *gr_relevance_kind_of(const gr_op_type *type);
/* Are all its outputs at least 0, given which of its inputs are? */
bool gr_relevance_stays_above(const gr_op *op, const bool *above);

#endif
