/* XML read from its beginning to its end, element by element; what lies behind is never held. Expat does the reading. */
#ifndef GR_FORMATS_XML_H
#define GR_FORMATS_XML_H

#include "base/base.h"

enum { GR_XML_DEPTH = 64, GR_XML_TEXT = 1 << 16 };

/* An element as it is opened. */
typedef struct gr_xml_element {
    const char *path; /* of the file */
    int64_t line;
    int depth;                     /* 1: the outermost */
    const char *name, *parent;     /* parent: "" for the outermost */
    const char *const *attributes; /* names and values in turn, then NULL */
} gr_xml_element;

/* `open` is called for every element, `close` with the text directly inside it (without blanks at its ends; cut off behind
 * GR_XML_TEXT bytes; attributes NULL); either may be NULL. What they return but GR_OK ends the reading. */
typedef struct gr_xml_handler {
    void *ctx;
    gr_status (*open)(void *ctx, const gr_xml_element *element, gr_error *err);
    gr_status (*close)(void *ctx, const gr_xml_element *element, const char *text, gr_error *err);
} gr_xml_handler;

/* Reads a file of at most 4 GB in pieces. Entities may not be declared: no file grows while it is read.
 * Fails: GR_INVALID ("FILE:LINE: ...": not XML, an encoding that is not known, deeper than GR_XML_DEPTH), GR_NOMEM, and as the
 * handler. */
gr_status gr_xml_read(const char *path, const gr_xml_handler *handler, gr_error *err) GR_MUST_CHECK;
/* The same from memory; `name` stands for the file in sentences. All BORROWED. */
gr_status gr_xml_parse(const char *name, const char *bytes, size_t size, const gr_xml_handler *handler,
                       gr_error *err) GR_MUST_CHECK;
/* The value of an attribute, or NULL. Never fails. */
const char *gr_xml_attribute(const gr_xml_element *element, const char *name);
/* The same as a number. Fails: GR_INVALID (absent, no number). */
gr_status gr_xml_number(const gr_xml_element *element, const char *name, double *out, gr_error *err) GR_MUST_CHECK;

#endif
