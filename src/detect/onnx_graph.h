/* Runs the graph of an ONNX file for one picture, operator by operator: enough of ONNX for detectors. Arrays are ONNX's own,
 * [N, C, H, W] row by row. Results do not depend on the number of threads. */
#ifndef GR_DETECT_ONNX_GRAPH_H
#define GR_DETECT_ONNX_GRAPH_H

#include "detect/onnx_call.h"

typedef struct gr_onnx_graph gr_onnx_graph;
/* GIVES the graph of the file (gr_onnx_graph_close). Fails: GR_INVALID (as gr_onnx_read; an operator that is not known, a
 * value that nothing makes), GR_NOMEM. */
gr_status gr_onnx_graph_open(const char *path, gr_onnx_graph **out, gr_error *err) GR_MUST_CHECK;
void gr_onnx_graph_close(gr_onnx_graph *graph);
const gr_onnx_file *gr_onnx_graph_file(const gr_onnx_graph *graph);
/* Runs it on `input` (BORROWED) as its one input. outputs[output_count of the file] GIVES each's values. May be called from
 * several threads at once. Fails: GR_INVALID (shapes that do not go together: the node is named), GR_NOMEM. */
gr_status gr_onnx_graph_run(const gr_onnx_graph *graph, const gr_nd *input, gr_nd *outputs, gr_error *err) GR_MUST_CHECK;

#endif
