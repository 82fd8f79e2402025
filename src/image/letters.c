#include "image/letters.h"

#include <string.h>

/* Thousandths of the size, from the blank to the tilde: DejaVu Sans and DejaVu Sans Bold. */
static const uint16_t widths[2][95] = {
    {318, 401, 460, 838, 636, 950, 780, 275, 390,  390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636,
     636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
     603, 787, 695, 635, 611, 732, 684, 989, 685,  611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635,
     634, 278, 278, 579, 278, 974, 634, 612, 635,  635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838},
    {348, 456,  521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415,  380, 365, 696, 696,  696,
     696, 696,  696, 696, 696, 696,  696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830,  683,
     683, 821,  837, 372, 372, 775,  637, 995, 837, 850, 733, 850, 770, 720,  682, 812, 774, 1103, 771,
     724, 725,  457, 365, 457, 838,  500, 500, 675, 716, 593, 716, 678, 435,  716, 712, 343, 343,  665,
     343, 1042, 712, 687, 716, 716,  493, 595, 478, 712, 652, 924, 645, 652,  582, 712, 365, 712,  838},
};

/* The least code point that so many bytes may stand for: longer forms of it are none. */
static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

static int bytes_of(unsigned char first)
{
    return first < 0x80                    ? 1
           : first >= 0xc2 && first < 0xe0 ? 2
           : first >= 0xe0 && first < 0xf0 ? 3
           : first >= 0xf0 && first < 0xf5 ? 4
                                           : 0;
}

static bool drawn(uint32_t letter)
{
    return letter >= 0x20 && !(letter >= 0x7f && letter < 0xa0) && letter != 0x2028 && letter != 0x2029;
}

uint32_t gr_letter_next(const char **at, const char *end)
{
    const unsigned char *from = (const unsigned char *)*at;
    int bytes = bytes_of(*from);
    uint32_t letter = bytes < 2 ? *from : *from & (0xffu >> (bytes + 1));
    if (bytes > end - *at)
        bytes = 0;
    for (int i = 1; i < bytes; i++) {
        if ((from[i] & 0xc0) != 0x80)
            bytes = 0;
        letter = letter << 6 | (from[i] & 0x3f);
    }
    *at += bytes > 0 ? bytes : 1;
    if (bytes == 0 || letter < least[bytes] || letter > 0x10ffff || (letter >= 0xd800 && letter < 0xe000) ||
        (letter & 0xfffe) == 0xfffe)
        return 0xfffd;
    return drawn(letter) ? letter : ' ';
}

void gr_letter_put(gr_text *out, uint32_t letter)
{
    unsigned char bytes[4];
    int count = letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (int i = count - 1; i > 0; i--, letter >>= 6)
        bytes[i] = (unsigned char)(0x80 | (letter & 0x3f));
    bytes[0] = (unsigned char)(first[count] | letter);
    gr_text_add(out, bytes, (size_t)count);
}

void gr_letters_clean(const char *text, gr_text *out)
{
    const char *end = text + strlen(text);
    while (text < end)
        gr_letter_put(out, gr_letter_next(&text, end));
}

double gr_letter_width(uint32_t letter, bool bold)
{
    if (letter >= 0x20 && letter < 0x7f)
        return widths[bold][letter - 0x20] / 1000.0;
    if (letter >= 0x300 && letter < 0x370)
        return 0.0; /* accents that stand above the letter before */
    return letter >= 0x1100 ? (letter >= 0x2000 && letter < 0x2070 ? 0.6 : 1.0) : bold ? 0.72 : 0.65;
}
