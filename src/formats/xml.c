#include "formats/xml.h"

#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/library.h"

/* expat is loaded by the first XML that is read. */
#define EXPAT(FUNCTION)                                                                                                     \
    FUNCTION(XML_ParserCreate)                                                                                              \
    FUNCTION(XML_ParserFree)                                                                                                \
    FUNCTION(XML_SetUserData)                                                                                               \
    FUNCTION(XML_SetElementHandler)                                                                                         \
    FUNCTION(XML_SetCharacterDataHandler)                                                                                   \
    FUNCTION(XML_SetEntityDeclHandler)                                                                                      \
    FUNCTION(XML_GetBuffer)                                                                                                 \
    FUNCTION(XML_ParseBuffer)                                                                                               \
    FUNCTION(XML_StopParser)                                                                                                \
    FUNCTION(XML_GetCurrentLineNumber)                                                                                      \
    FUNCTION(XML_GetErrorCode)                                                                                              \
    FUNCTION(XML_ErrorString)
/* Newer versions call XML_GetCurrentLineNumber deprecated; what they would have instead is not in Debian 12 and 13. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
typedef struct library {
    EXPAT(GR_LIBRARY_POINTER)
} library;
#pragma GCC diagnostic pop
static const char *const library_names[] = {EXPAT(GR_LIBRARY_NAME)};
enum { LIBRARY_NAMES = sizeof library_names / sizeof library_names[0] };
_Static_assert(sizeof(library) == LIBRARY_NAMES * sizeof(void *), "pointers and nothing else");

enum { PIECE = 1 << 16, NAME_LIMIT = 256, ATTRIBUTE_LIMIT = 200 };
static const int64_t size_limit = (int64_t)4 << 30;

typedef struct reader {
    const gr_xml_handler *handler;
    const char *bytes; /* [left]; NULL: they are the file's */
    size_t left;
    int file;
    const char *path;
    library expat;
    XML_Parser parser;
    int depth;
    char names[GR_XML_DEPTH + 1][NAME_LIMIT]; /* of the elements that are open; [0] is "" */
    size_t text_at[GR_XML_DEPTH + 1];         /* where each one's text begins in `text` */
    gr_text text;
    gr_status status;
    gr_error *err;
} reader;

static int64_t line_of(const reader *r)
{
    return (int64_t)r->expat.XML_GetCurrentLineNumber(r->parser);
}

static void stop(reader *r, gr_status status)
{
    if (r->status == GR_OK)
        r->status = status;
    r->expat.XML_StopParser(r->parser, XML_FALSE);
}

static void refuse(reader *r, const char *what)
{
    stop(r, gr_fail(r->err, GR_INVALID, "%s:%lld: %s", r->path, (long long)line_of(r), what));
}

static gr_xml_element element_here(const reader *r, const char *const *attributes)
{
    const char *parent = r->depth > 0 ? r->names[r->depth - 1] : "";
    return (gr_xml_element){r->path, line_of(r), r->depth, r->names[r->depth], parent, attributes};
}

static void XMLCALL on_open(void *data, const XML_Char *name, const XML_Char **attributes)
{
    reader *r = data;
    int count = 0;
    while (count <= 2 * ATTRIBUTE_LIMIT && attributes[count] != NULL)
        count += 2;
    if (r->status != GR_OK)
        return;
    if (r->depth == GR_XML_DEPTH)
        refuse(r, "elements lie more than 64 deep in each other, more than any annotation needs");
    else if (strlen(name) >= NAME_LIMIT)
        refuse(r, "an element's name has more than 255 bytes");
    else if (count > 2 * ATTRIBUTE_LIMIT)
        refuse(r, "an element has more than 200 attributes");
    if (r->status != GR_OK)
        return;
    r->depth++;
    memcpy(r->names[r->depth], name, strlen(name) + 1);
    r->text_at[r->depth] = r->text.size;
    gr_xml_element element = element_here(r, (const char *const *)attributes);
    gr_status status = r->handler->open != NULL ? r->handler->open(r->handler->ctx, &element, r->err) : GR_OK;
    if (status != GR_OK)
        stop(r, status);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void XMLCALL on_close(void *data, const XML_Char *name)
{
    reader *r = data;
    (void)name;
    if (r->status != GR_OK)
        return;
    gr_text_add(&r->text, "", 0); /* so that there is a text */
    if (r->text.failed) {
        stop(r, gr_fail(r->err, GR_NOMEM, "%s: no memory for its texts", r->path));
        return;
    }
    size_t begin = r->text_at[r->depth], end = r->text.size;
    while (begin < end && is_blank(r->text.data[begin]))
        begin++;
    while (end > begin && is_blank(r->text.data[end - 1]))
        end--;
    r->text.data[end] = '\0';
    gr_xml_element element = element_here(r, NULL);
    gr_status status =
        r->handler->close != NULL ? r->handler->close(r->handler->ctx, &element, r->text.data + begin, r->err) : GR_OK;
    r->text.size = r->text_at[r->depth];
    r->text.data[r->text.size] = '\0';
    r->depth--;
    if (status != GR_OK)
        stop(r, status);
}

static void XMLCALL on_text(void *data, const XML_Char *text, int length)
{
    reader *r = data;
    size_t held = r->text.size - r->text_at[r->depth];
    size_t more = held < GR_XML_TEXT ? GR_XML_TEXT - held : 0;
    gr_text_add(&r->text, text, (size_t)length < more ? (size_t)length : more);
}

static void XMLCALL on_entity(void *data, const XML_Char *name, int is_parameter, const XML_Char *value, int length,
                              const XML_Char *base, const XML_Char *system, const XML_Char *public, const XML_Char *notation)
{
    (void)name, (void)is_parameter, (void)value, (void)length, (void)base, (void)system, (void)public, (void)notation;
    refuse(data, "declares an entity, which no annotation file needs");
}

/* The sentence for what expat refused itself. */
static gr_status expat_failed(reader *r)
{
    enum XML_Error code = r->expat.XML_GetErrorCode(r->parser);
    if (code == XML_ERROR_NO_MEMORY)
        return gr_fail(r->err, GR_NOMEM, "%s: no memory to read it", r->path);
    return gr_fail(r->err, GR_INVALID, "%s:%lld: is not valid XML: %s", r->path, (long long)line_of(r),
                   r->expat.XML_ErrorString(code));
}

/* The next bytes of memory or of the file; as read(). */
static ssize_t next_piece(reader *r, void *piece)
{
    if (r->bytes == NULL)
        return read(r->file, piece, PIECE);
    size_t n = r->left < PIECE ? r->left : PIECE;
    memcpy(piece, r->bytes, n);
    r->bytes += n;
    r->left -= n;
    return (ssize_t)n;
}

static gr_status parse(reader *r)
{
    for (bool last = false; !last;) {
        void *piece = r->expat.XML_GetBuffer(r->parser, PIECE);
        if (piece == NULL)
            return gr_fail(r->err, GR_NOMEM, "%s: no memory to read it", r->path);
        ssize_t got = next_piece(r, piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return gr_fail(r->err, GR_INVALID, "%s: cannot be read: %s", r->path, strerror(errno));
        last = got == 0;
        enum XML_Status parsed = r->expat.XML_ParseBuffer(r->parser, (int)got, last);
        if (r->status != GR_OK)
            return r->status;
        if (parsed != XML_STATUS_OK)
            return expat_failed(r);
    }
    return GR_OK;
}

static gr_status parse_with(reader *r)
{
    r->parser = r->expat.XML_ParserCreate(NULL);
    if (r->parser == NULL)
        return gr_fail(r->err, GR_NOMEM, "%s: no memory to read it", r->path);
    r->expat.XML_SetUserData(r->parser, r);
    r->expat.XML_SetElementHandler(r->parser, on_open, on_close);
    r->expat.XML_SetCharacterDataHandler(r->parser, on_text);
    r->expat.XML_SetEntityDeclHandler(r->parser, on_entity);
    gr_status status = parse(r);
    r->expat.XML_ParserFree(r->parser);
    gr_text_free(&r->text);
    return status;
}

static gr_status open_file(const char *path, int *file, gr_error *err)
{
    struct stat st;
    *file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe must not hang us */
    if (*file < 0)
        return gr_fail(err, GR_INVALID, "%s: cannot be opened: %s", path, strerror(errno));
    if (fstat(*file, &st) != 0 || !S_ISREG(st.st_mode))
        return gr_fail(err, GR_INVALID, "%s: is not a regular file", path);
    if (st.st_size > size_limit)
        return gr_fail(err, GR_INVALID, "%s: is larger than 4 GB, the most that is read", path);
    return GR_OK;
}

static gr_status read_all(const char *path, const char *bytes, size_t size, int file, const gr_xml_handler *handler,
                          gr_error *err)
{
    reader *r = gr_alloc(1, sizeof *r);
    if (r == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory to read it", path);
    gr_status status = gr_library_find(GR_LIBEXPAT, library_names, LIBRARY_NAMES, &r->expat, err);
    if (status == GR_OK) {
        r->handler = handler;
        r->path = path;
        r->bytes = bytes;
        r->left = size;
        r->file = file;
        r->err = err;
        status = parse_with(r);
    }
    gr_free(r);
    return status;
}

gr_status gr_xml_parse(const char *name, const char *bytes, size_t size, const gr_xml_handler *handler, gr_error *err)
{
    return read_all(name, bytes, size, -1, handler, err);
}

gr_status gr_xml_read(const char *path, const gr_xml_handler *handler, gr_error *err)
{
    int file;
    gr_status status = open_file(path, &file, err);
    if (status == GR_OK)
        status = read_all(path, NULL, 0, file, handler, err);
    if (file >= 0)
        close(file);
    return status;
}

const char *gr_xml_attribute(const gr_xml_element *element, const char *name)
{
    for (const char *const *at = element->attributes; at != NULL && *at != NULL; at += 2)
        if (strcmp(at[0], name) == 0)
            return at[1];
    return NULL;
}

gr_status gr_xml_number(const gr_xml_element *element, const char *name, double *out, gr_error *err)
{
    const char *text = gr_xml_attribute(element, name);
    if (text == NULL)
        return gr_fail(err, GR_INVALID, "%s:%lld: <%s> has no %s", element->path, (long long)element->line, element->name,
                       name);
    if (!gr_parse_double(text, out))
        return gr_fail(err, GR_INVALID, "%s:%lld: <%s> has %s=\"%.40s\", a number would be right", element->path,
                       (long long)element->line, element->name, name, text);
    return GR_OK;
}
