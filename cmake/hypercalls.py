#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes of hypervisor/hypercalls.txt what the build and the docs need.

    hypercalls.py DATA table    C: the dispatch table, and before each handler
                                the function that checks and decodes for it
    hypercalls.py DATA handlers C header: prototypes of the handlers
    hypercalls.py DATA abi      C header: numbers of the calls, and inputs
    hypercalls.py DATA grammar  C header: what the fuzzers fill calls with
    hypercalls.py DATA docs     Markdown: the reference page

with -o FILE to write FILE only if it changes, or --check FILE to fail if
FILE is not what would be written.
"""

import argparse
import re
import sys

PRIVILEGES = {              # bits of EBX:EAX of CPUID leaf 0x40000003
    'create-partitions': 32, 'partition-id': 33, 'post-messages': 36,
    'signal-events': 37, 'cpu-management': 44,
}
KINDS = ['any', 'zero', 'partition', 'vp', 'lp', 'gpn', 'pfn', 'gpa', 'gva',
         'vector', 'sint', 'port', 'connection', 'register', 'apic-id',
         'banks', 'device', 'flags', 'choice']
GENERAL_STATUS = ['SUCCESS', 'INVALID_HYPERCALL_CODE',
                  'INVALID_HYPERCALL_INPUT', 'INVALID_ALIGNMENT',
                  'ACCESS_DENIED']
TARGETS = {     # what `on` may name: argument, fields it takes, what ends it
    'parent': ('', 1, ''),
    'partition': ('struct partition *part', 1, 'partition_put'),
    'child': ('struct partition *part', 1, 'partition_put'),
    'ending-child': ('struct partition *part', 1,
                     'if (st != HV_SUCCESS)\n\t\tpartition_put'),
    'vp': ('struct vp *vp', 2, 'target_vp_put'),
    'any-vp': ('struct vp *vp', 2, 'target_vp_put'),
    'stopped-vp': ('struct vp *vp', 2, 'target_stopped_vp_put'),
}
FAST_MAX = 16
CONTROL_FAST = 1 << 16
CONTROL_VARHEAD = 0x3ff << 17
CONTROL_REPS = 0xfff << 32 | 0xfff << 48


class DataError(Exception):
    """A line of the data file that cannot be meant."""


class Field:
    def __init__(self, text, kind, name):
        self.text, self.size = text, type_size(text)
        self.name = name or kind
        self.checked = kind.endswith('!')
        kind = kind.rstrip('!')
        self.kind, _, values = kind.partition(':')
        if self.kind not in KINDS:
            raise DataError(f'unknown kind {self.kind}')
        self.values = [int(v, 0) for v in values.split(',')] if values else []
        self.offset = 0


class Call:
    def __init__(self, code, name):
        self.code, self.name = int(code, 16), name
        self.what = self.handler = self.struct = self.who = self.gives = ''
        self.element, self.makes_element = '', False
        self.direct, self.makes_struct, self.on = False, False, []
        self.each, self.no_input = False, False
        self.needs, self.status = [], []
        self.fields, self.rep_fields = [], []
        self.out_fields, self.rep_out_fields = [], []
        self.rep = False
        self.varhead, self.varhead_kind, self.overlap = 0, 'any', 0
        self.out_size, self.out_text = 0, ''
        self.rep_out_size, self.rep_out_text = 0, ''

    def finish(self):
        for fields in (self.fields, self.rep_fields, self.out_fields,
                       self.rep_out_fields):
            offset = 0
            for field in fields:
                field.offset = offset
                offset += field.size
        self.in_size = sum(f.size for f in self.fields)
        self.rep_in_size = sum(f.size for f in self.rep_fields)
        self.out_size += sum(f.size for f in self.out_fields)
        self.rep_out_size += sum(f.size for f in self.rep_out_fields)
        self.rep = bool(self.rep or self.rep_in_size or self.rep_out_size)
        self.fast = (self.in_size <= FAST_MAX and not self.rep and
                     not self.varhead and not self.out_size)
        if not (self.what and self.who):
            raise DataError(f'{self.name}: what and who are needed')
        if bool(self.out_fields or self.rep_out_fields) > bool(self.gives):
            raise DataError(f'{self.name}: fields of what it does not give')
        if self.rep and self.out_size:
            raise DataError(f'{self.name}: out of a repeated call')
        if not self.direct and not self.struct:
            raise DataError(f'{self.name}: struct or direct is needed')
        if self.each and not self.element and len(self.rep_fields) != 1:
            raise DataError(f'{self.name}: its element has no name')

    @property
    def control(self):
        return ((CONTROL_FAST if self.fast else 0) |
                (CONTROL_VARHEAD if self.varhead else 0) |
                (CONTROL_REPS if self.rep else 0))

    @property
    def arguments(self):
        if self.direct:
            return ['struct hypercall *hc']
        args = []
        if not self.each and (self.rep or self.varhead):
            args.append('struct hypercall *hc')
        if not self.no_input:
            args.append(f'const struct {self.struct} *in')
        args += [TARGETS[kind][0] for kind, _ in self.on if TARGETS[kind][0]]
        if self.each:
            args.append(f'const struct {self.element} *element'
                        if self.element else self.element_type + ' element')
        if self.out_size or (self.each and self.rep_out_size):
            args.append(c_type(self.gives or 'uint64_t') + ' *out')
        return args

    @property
    def element_type(self):
        return f'struct {self.element}' if self.element else \
            f'uint{self.rep_in_size * 8}_t'

    @property
    def function(self):
        """Of the table: the handler itself, or what is generated before it."""
        if self.direct:
            return f'call_{self.handler}'
        return f'serve_{self.handler or self.name.lower()}'

    @property
    def privileges(self):
        return sum(1 << PRIVILEGES[n] for n in self.needs)


def type_size(text):
    match = re.fullmatch(r'u(8|16|32|64)(?:x(\d+))?', text)
    if match:
        return int(match[1]) // 8 * int(match[2] or 1)
    match = re.fullmatch(r'bytes(\d+)', text)
    if match:
        return int(match[1])
    raise DataError(f'unknown type {text}')


def c_type(name):
    return name if name in ('uint64_t',) or ' ' in name else f'struct {name}'


def parse_field(rest):
    words = rest.split()
    return Field(words[0], words[1],
                 words[2] if len(words) > 2 else '')


def parse_out(rest):
    """What comes out: bytes and a text about them, or a named field."""
    first, text = rest.split(' ', 1)
    if first.isdigit():
        return int(first), text, []
    return 0, '', [Field(first, 'any', text)]


def parse_line(call, key, rest):
    if key in ('what', 'handler', 'struct', 'who', 'gives', 'element'):
        setattr(call, key, rest)
    elif key == 'input':
        call.struct, call.makes_struct = rest, True
    elif key == 'makes-element':
        call.element, call.makes_element = rest, True
    elif key in ('direct', 'each', 'no-input'):
        setattr(call, key.replace('-', '_'), True)
    elif key == 'on':
        kind, *fields = rest.split()
        if kind not in TARGETS or len(fields) != TARGETS[kind][1]:
            raise DataError(f'unknown target {rest}')
        call.on.append((kind, fields))
    elif key == 'needs':
        if rest not in PRIVILEGES:
            raise DataError(f'unknown privilege {rest}')
        call.needs.append(rest)
    elif key == 'in':
        call.fields.append(parse_field(rest))
    elif key == 'rep-in':
        call.rep_fields.append(parse_field(rest))
    elif key == 'rep':
        call.rep = True
    elif key == 'varhead':
        count, call.varhead_kind = rest.split()
        call.varhead = int(count)
    elif key == 'varhead-counts-last':
        call.overlap = 1
    elif key in ('out', 'rep-out'):
        name = key.replace('-', '_')
        size, text, fields = parse_out(rest)
        if size:
            setattr(call, f'{name}_size', size)
            setattr(call, f'{name}_text', text)
        getattr(call, f'{name}_fields').extend(fields)
    elif key == 'status':
        call.status = rest.split()
    else:
        raise DataError(f'unknown line {key}')


def parse(path):
    calls = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            key, _, rest = line.split('#', 1)[0].strip().partition(' ')
            try:
                if key == 'call':
                    calls.append(Call(*rest.split()))
                elif key:
                    parse_line(calls[-1], key, rest.strip())
            except (DataError, ValueError, IndexError) as error:
                raise DataError(f'{path}:{number}: {error}') from error
    codes = [c.code for c in calls]
    if codes != sorted(set(codes)):
        raise DataError(f'{path}: codes must be unique and in rising order')
    for call in calls:
        call.finish()
    return calls


HEAD = ('/* SPDX-License-Identifier: Apache-2.0 */\n'
        '/* %s; generated from hypercalls.txt. */\n')


def make_handlers(calls):
    guard = 'MULLION_HYPERCALL_HANDLERS_H'
    lines = [HEAD % 'The handlers of the hypercalls' +
             f'#ifndef {guard}\n#define {guard}\n',
             '#include <stdint.h>\n', '#include <tlfs/status.h>\n',
             'struct hypercall;\nstruct partition;\nstruct vp;']
    lines += sorted({f'{c_type(s)};' for c in calls
                     for s in (c.struct, c.gives, c.element) if s})
    first = {c.handler: c for c in reversed(calls)}
    lines += [f'\n/* {c.what} */\nenum hv_status call_{c.handler}('
              f'{", ".join(c.arguments)});' for c in calls
              if c.handler and first[c.handler] is c]
    return '\n'.join(lines) + f'\n\n#endif /* {guard} */\n'


def c_field(field):
    count = re.search(r'x(\d+)$|^bytes(\d+)$', field.text)
    if not count:
        return f'\tuint{field.size * 8}_t {field.name};'
    count = int(count[1] or count[2])
    return f'\tuint{field.size // count * 8}_t {field.name}[{count}];'


def c_struct(name, call, fields):
    """A structure without holes, as wide as its fields are together."""
    widest = max(f.size for f in fields if f.text[0] == 'u' and
                 'x' not in f.text)
    packed = sum(f.size for f in fields) % widest
    return [f'\n/* HVCALL_{call.name} */\nstruct {name} {{',
            *map(c_field, fields),
            '} __attribute__((packed));' if packed else '};']


def make_abi(calls):
    guard = 'MULLION_HYPERCALL_ABI_H'
    lines = [HEAD % 'Numbers, inputs and outputs of the hypercalls' +
             f'#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n\n'
             'enum hv_call_code {']
    lines += [f'\tHVCALL_{c.name} = {c.code:#06x},' for c in calls]
    lines.append('};')
    made = set()
    for call in calls:
        for name, wanted, fields in (
                (call.struct, call.makes_struct, call.fields),
                (call.element, call.makes_element, call.rep_fields),
                (call.gives, call.out_fields, call.out_fields),
                (call.gives, call.rep_out_fields, call.rep_out_fields)):
            if wanted and name not in made:
                made.add(name)
                lines += c_struct(name, call, fields)
    return '\n'.join(lines) + f'\n\n#endif /* {guard} */\n'


def field_wrong(field):
    """The condition, in C, under which a checked field is refused."""
    name = f'in->{field.name}'
    if field.kind == 'zero':
        return f'{name} != 0'
    if field.kind == 'sint':
        return f'{name} >= HV_SINT_COUNT'
    if field.kind == 'flags':
        return f'({name} & ~UINT64_C({field.values[0]:#x})) != 0'
    if field.kind == 'choice':
        return ' && '.join(f'{name} != {v}' for v in field.values)
    raise DataError(f'cannot check a {field.kind}')


def each_lines(call, invoke):
    """What serves the elements of a list one after the other."""
    lines = ['\tfor (; hc->reps_done < hc->rep_count; hc->reps_done++) {',
             f'\t\t{call.element_type} element;']
    if call.rep_out_size:
        lines += [f'\t\t{c_type(call.gives)} out;',
                  f'\t\t_Static_assert(sizeof(out) == {call.rep_out_size}u, '
                  f'"{call.name}");']
    lines += [f'\t\t_Static_assert(sizeof(element) == {call.rep_in_size}u, '
              f'"{call.name}");',
              '\t\tst = hypercall_read_rep(hc, &element);',
              '\t\tif (st == HV_SUCCESS)', f'\t\t\tst = {invoke};']
    if call.rep_out_size:
        lines += ['\t\tif (st == HV_SUCCESS)',
                  '\t\t\tst = hypercall_write_rep(hc, &out);']
    return lines + ['\t\tif (st != HV_SUCCESS)', '\t\t\tbreak;', '\t}']


def serve_lines(call):
    """The function that makes a handler's arguments of a call."""
    names = [a.split()[-1].lstrip('*') for a in call.arguments]
    if call.each and call.element:
        names[names.index('element')] = '&element'
    lines = ['', 'static enum hv_status',
             f'{call.function}(struct hypercall *hc)', '{',
             '\tenum hv_status st = HV_SUCCESS;']
    if (call.on or call.handler and 'in' in names or
            any(f.checked for f in call.fields)):
        lines.append(f'\tconst struct {call.struct} *in = '
                     'hypercall_input(hc);')
    elif not call.handler:
        lines.append('\t(void)hc;')
    puts = []
    if 'out' in names:
        names[-1] = '&out'
    if call.out_size:
        lines.append(f'\t{call.arguments[-1].replace("*", "")} = {{ 0 }};')
        lines.append(f'\t_Static_assert(sizeof(out) == {call.out_size}u, '
                     f'"{call.name}");')
    for field in call.fields:
        if field.checked:
            lines += [f'\tif ({field_wrong(field)})',
                      '\t\treturn HV_INVALID_PARAMETER;']
    for kind, fields in call.on:
        args = ', '.join(f'in->{f}' for f in fields)
        variable, _, put = TARGETS[kind]
        function = 'target_' + kind.split('ending-')[-1].replace('-', '_')
        if variable:
            name = variable.split()[-1].lstrip('*')
            lines.append(f'\t{variable};')
            args += f', &{name}'
            puts.append(f'\t{put}({name});')
        lines += [f'\tst = {function}(hc, {args});',
                  '\tif (st != HV_SUCCESS)', '\t\treturn st;']
    invoke = f'call_{call.handler}({", ".join(names)})'
    if call.each:
        lines += each_lines(call, invoke)
    elif call.handler:
        lines.append(f'\tst = {invoke};')
    lines += puts
    if call.out_size:
        lines += ['\tif (st == HV_SUCCESS)',
                  '\t\tst = hypercall_output(hc, &out, sizeof(out));']
    return lines + ['\treturn st;', '}']


def make_table(calls):
    out = [HEAD % 'The table of the hypercalls',
           '#include <mullion/hypercall_handlers.h>',
           '#include "core/hypercall.h"',
           '#include "core/hypercall_target.h"',
           '#include "core/partition.h"']
    out += [f'#include <tlfs/{h}.h>' for h in
            ('dispatch', 'intercept', 'interrupt', 'memory', 'partition',
             'port', 'stats', 'synic', 'system', 'vp')]
    out.append('')
    for call in calls:
        if call.struct:
            out.append(f'_Static_assert(sizeof(struct {call.struct}) == '
                       f'{call.in_size}u, "{call.name}");')
        out.append(f'_Static_assert({call.in_size}u <= HYPERCALL_MAX_INPUT, '
                   f'"{call.name}");')
    for call in calls:
        if not call.direct:
            out += serve_lines(call)
    out += ['', 'const struct hypercall_entry *const '
            'hypercall_table[HYPERCALL_TABLE_SIZE] = {']
    for c in calls:
        out += [f'\t[{c.code:#06x}] = &(const struct hypercall_entry){{',
                f'\t\t.input_size = {c.in_size},',
                f'\t\t.output_size = {c.out_size},',
                f'\t\t.rep_in_size = {c.rep_in_size},',
                f'\t\t.rep_out_size = {c.rep_out_size},',
                f'\t\t.varhead_overlap = {c.overlap},',
                f'\t\t.rep = {str(c.rep).lower()},',
                f'\t\t.parent_only = {str(c.who == "parent").lower()},',
                f'\t\t.control = UINT64_C({c.control | 0xffff:#x}),',
                f'\t\t.privileges = UINT64_C({c.privileges:#x}),',
                f'\t\t.handler = {c.function},', '\t},']
    out += ['};', '_Static_assert(HYPERCALL_TABLE_SIZE > '
            f'{calls[-1].code:#x}, "every code has a place");', '']
    return '\n'.join(out)


GRAMMAR_TYPES = '''
#include <stddef.h>
#include <stdint.h>

/* What makes sense in a field. */
enum grammar_kind {
%s
};

struct grammar_field {
	uint16_t offset;
	uint16_t size;
	enum grammar_kind kind;
	uint64_t mask;			/* GRAMMAR_FLAGS: bits that exist */
	const uint64_t *choices;	/* GRAMMAR_CHOICE */
	size_t choice_count;
};

struct grammar_call {
	uint16_t code;
	const char *name;
	uint8_t parent_only;
	uint8_t fast;			/* the fast form is allowed */
	uint8_t rep;
	uint16_t input_size;
	uint16_t output_size;
	uint16_t rep_in_size;
	uint16_t rep_out_size;
	uint16_t varhead_max;		/* quadwords; 0: no variable header */
	enum grammar_kind varhead_kind;
	const struct grammar_field *fields;
	size_t field_count;
	const struct grammar_field *rep_fields;
	size_t rep_field_count;
};
'''


def kind_constant(kind):
    return 'GRAMMAR_' + kind.upper().replace('-', '_')


def grammar_fields(name, fields):
    out = []
    for i, f in enumerate(fields):
        if f.kind == 'choice':
            values = ', '.join(f'UINT64_C({v:#x})' for v in f.values)
            out.append(f'static const uint64_t {name}_choices{i}[] = '
                       f'{{ {values} }};')
    out.append(f'static const struct grammar_field {name}[] = {{')
    for i, f in enumerate(fields):
        extra = ''
        if f.kind == 'choice':
            extra = f', .choices = {name}_choices{i}, ' \
                    f'.choice_count = {len(f.values)}'
        elif f.kind == 'flags':
            extra = f', .mask = UINT64_C({f.values[0]:#x})'
        out.append(f'\t{{ .offset = {f.offset}, .size = {f.size}, '
                   f'.kind = {kind_constant(f.kind)}{extra} }},')
    return out + ['};']


def make_grammar(calls):
    guard = 'MULLION_HYPERCALL_GRAMMAR_H'
    kinds = '\n'.join(f'\t{kind_constant(k)},' for k in KINDS)
    out = [HEAD % 'What hypercalls are made of, for fuzzers' +
           f'#ifndef {guard}\n#define {guard}', GRAMMAR_TYPES % kinds]
    rows = []
    for c in calls:
        row = [f'.code = {c.code:#06x}', f'.name = "{c.name}"',
               f'.parent_only = {int(c.who == "parent")}',
               f'.fast = {int(c.fast)}', f'.rep = {int(c.rep)}',
               f'.input_size = {c.in_size}', f'.output_size = {c.out_size}',
               f'.rep_in_size = {c.rep_in_size}',
               f'.rep_out_size = {c.rep_out_size}',
               f'.varhead_max = {c.varhead}',
               f'.varhead_kind = {kind_constant(c.varhead_kind)}']
        for name, fields in (('field', c.fields),
                             ('rep_field', c.rep_fields)):
            if fields:
                array = f'grammar_{c.name.lower()}_{name}s'
                out += grammar_fields(array, fields)
                row += [f'.{name}s = {array}',
                        f'.{name}_count = {len(fields)}']
        rows.append('\t{ ' + ',\n\t  '.join(row) + ' },')
    out += ['', 'static const struct grammar_call grammar_calls[] = {', *rows,
            '};', '#define GRAMMAR_CALL_COUNT \\',
            '\t(sizeof(grammar_calls) / sizeof(grammar_calls[0]))', '',
            f'#endif /* {guard} */', '']
    return '\n'.join(out)


DOCS_HEAD = '''# Hypercalls

Generated from `hypervisor/hypercalls.txt` by `cmake/hypercalls.py`; to add a
call, see `hypercall-howto.md`.

The caller puts the control word into RCX and executes VMMCALL (VMCALL on
Intel), best through the hypercall page. Memory form: RDX has the guest
physical address of the input, R8 that of the output; both are 8-byte aligned
and neither crosses a page. Fast form (control bit 16): RDX and R8 are the
input. The result comes in RAX: status in bits 15:0, for repeated calls the
number of repetitions done, counted from the first, in bits 43:32.

Any call may answer `INVALID_HYPERCALL_CODE` (there is no such call),
`INVALID_HYPERCALL_INPUT` (control bits the call does not have, no repetitions
or none left, an input that cannot be read), `INVALID_ALIGNMENT` (of a block, or
it crosses a page) and `ACCESS_DENIED` (the caller may not make this call).
A call that answers `INSUFFICIENT_MEMORY` wants pages deposited for the
partition it was about and is then repeated.

| code | name | forms | who |
| --- | --- | --- | --- |
'''


def call_forms(call):
    forms = ['memory']
    if call.fast:
        forms.insert(0, 'fast')
    if call.rep:
        forms.append('repeated')
    if call.varhead:
        forms.append('variable header')
    return ', '.join(forms)


def field_rows(fields):
    def values(f):
        if f.kind == 'flags':
            return f'flags, {f.values[0]:#x}'
        if f.kind == 'choice':
            return 'one of ' + ', '.join(f'{v:#x}' for v in f.values)
        return f.kind
    return [f'| {f.offset} | {f.size} | {f.name} | {values(f)} |'
            for f in fields]


def make_docs(calls):
    out = [DOCS_HEAD + '\n'.join(
        f'| `0x{c.code:04x}` | [{c.name}](#{c.name.lower()}) | '
        f'{call_forms(c)} | {c.who} |' for c in calls), '']
    for c in calls:
        out += [f'## {c.name}', '', f'Code `0x{c.code:04x}`. {c.what}', '']
        if c.fields:
            out += ['| offset | bytes | input | what |',
                    '| --- | --- | --- | --- |', *field_rows(c.fields), '']
        if c.varhead:
            counted = ', the last field of the input counted' \
                if c.overlap else ''
            out += [f'Variable header: up to {c.varhead} quadwords '
                    f'({c.varhead_kind}){counted}.', '']
        if c.rep_fields:
            out += ['| offset | bytes | element of the list | what |',
                    '| --- | --- | --- | --- |', *field_rows(c.rep_fields),
                    '']
        for fields, title in ((c.out_fields, 'output'),
                              (c.rep_out_fields, 'output a repetition')):
            if fields:
                out += [f'| offset | bytes | {title} |', '| --- | --- | --- |',
                        *(f'| {f.offset} | {f.size} | {f.name} |'
                          for f in fields), '']
        if c.out_text:
            out += [f'Output: {c.out_size} bytes, {c.out_text}.', '']
        if c.rep_out_text:
            out += [f'Output: {c.rep_out_size} bytes a repetition, '
                    f'{c.rep_out_text}.', '']
        if c.needs:
            out += ['Privilege: ' + ', '.join(c.needs) + '.', '']
        if c.status:
            out += ['Errors: ' + ', '.join(f'`{s}`' for s in c.status) + '.',
                    '']
    return '\n'.join(out)


MAKERS = {'table': make_table, 'handlers': make_handlers,
          'abi': make_abi, 'grammar': make_grammar, 'docs': make_docs}


def current(path):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read()
    except FileNotFoundError:
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('data')
    parser.add_argument('kind', choices=sorted(MAKERS))
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument('-o', dest='output')
    group.add_argument('--check')
    args = parser.parse_args()
    try:
        text = MAKERS[args.kind](parse(args.data))
    except DataError as error:
        sys.exit(f'hypercalls.py: {error}')
    if args.check:
        if current(args.check) != text:
            sys.exit(f'{args.check} is not current: run\n\tcmake/hypercalls.py'
                     f' hypervisor/hypercalls.txt {args.kind} -o {args.check}')
    elif current(args.output) != text:
        with open(args.output, 'w', encoding='utf-8') as file:
            file.write(text)


if __name__ == '__main__':
    main()
