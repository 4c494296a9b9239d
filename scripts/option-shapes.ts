import { resolve, sep } from 'node:path';
import ts from 'typescript';
import { isKind, type Option, type OptionShape, type OptionType } from '../envoy/options/option-shape';

const ROOT = resolve(__dirname, '..');
const SCHEMA = resolve(ROOT, 'envoy/messages/schema');

/** Options of a part of their own: that a secret is somewhere in them hides nothing of what holds them. */
const PARTS = ['Upstream', 'IUpstream', 'RouteRule'];

type Layer = 'envoy' | 'lib';

const ENVOY = ['EnvoyOptions', 'RunOptions'];
const LIB = ['DockerNetworkProps', 'ApiServiceProps', 'EnvoySidecarProps', 'GlobalRateLimitProps'];

/** The modules with the shapes of all option objects, by their files. The types of the options are their source. */
export function optionShapes(): Readonly<Record<string, string>> {
  const shapes = new Shapes();
  const envoy = shapes.of('envoy/index.ts', ENVOY);
  const lib = Object.entries(shapes.of('lib/index.ts', LIB)).filter(([name]) => !Object.hasOwn(envoy, name));
  return {
    'envoy/options/option-shapes.ts': `${HEAD}
import type { OptionShapes } from './option-shape';

export const ENVOY_OPTIONS: OptionShapes<${namesOf(ENVOY)}> = {
${textOf(Object.entries(envoy))}};
`,
    'lib/option-shapes.ts': `${HEAD}
import { ENVOY_OPTIONS, type OptionShapes } from '../envoy/host-api';

export const LIB_OPTIONS: OptionShapes<${namesOf(LIB)}> = {
  ...ENVOY_OPTIONS,
${textOf(lib)}};
`,
  };
}

const HEAD = '// Written by scripts/option-shapes.ts from the types of the options: UPDATE_DOCS=1 npm run test:unit';

const namesOf = (roots: readonly string[]) => roots.map((root) => `'${root}'`).join(' | ');

function textOf(shapes: readonly (readonly [string, OptionShape])[]): string {
  const rows = (options: OptionShape) =>
    Object.entries(options).map(([name, option]) => `    ${name}: ${JSON.stringify(option)},\n`);
  return shapes.map(([name, options]) => `  '${name}': {\n${rows(options).join('')}  },\n`).join('');
}

class Shapes {
  private readonly checker: ts.TypeChecker;
  private readonly program: ts.Program;
  /** The names of the types that are texts of a form, by each of the forms: `Duration` by `${number}s`. */
  private readonly forms = new Map<string, string>();
  private shapes: Record<string, OptionShape> = {};

  constructor() {
    const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    this.program = ts.createProgram([resolve(ROOT, 'lib/index.ts')], { ...options, types: [] });
    this.checker = this.program.getTypeChecker();
    for (const source of this.program.getSourceFiles()) {
      if (layerOf(source) !== undefined) {
        source.statements.filter(ts.isTypeAliasDeclaration).forEach((node) => {
          this.noteForms(node);
        });
      }
    }
  }

  /** The shapes of these types and of all that they hold. */
  public of(file: string, names: readonly string[]): Record<string, OptionShape> {
    this.shapes = {};
    const module = this.checker.getSymbolAtLocation(this.program.getSourceFile(resolve(ROOT, file)) as ts.SourceFile);
    const exported = this.checker.getExportsOfModule(module as ts.Symbol);
    for (const name of names) {
      const symbol = exported.find((one) => one.name === name) as ts.Symbol;
      this.named(name, this.checker.getDeclaredTypeOfSymbol(this.checker.getAliasedSymbol(symbol)));
    }
    return this.shapes;
  }

  private noteForms(node: ts.TypeAliasDeclaration): void {
    const type = this.checker.getTypeAtLocation(node.name);
    const parts = type.isUnion() ? type.types : [type];
    if (parts.some(isTemplate) && parts.every((part) => isTemplate(part) || part.isStringLiteral())) {
      for (const part of parts) {
        this.forms.set(this.checker.typeToString(part), node.name.text);
      }
    }
  }

  private named(name: string, type: ts.Type): OptionShape {
    const known = this.shapes[name];
    if (known) {
      return known;
    }
    // Its place first, in the order in which they are met.
    this.shapes[name] = {};
    this.shapes[name] = this.shapeOf(type);
    return this.shapes[name];
  }

  private shapeOf(type: ts.Type): OptionShape {
    return Object.fromEntries(
      this.checker.getPropertiesOfType(type).flatMap((property): [string, Option][] => {
        const types = this.typesOf(this.checker.getTypeOfSymbol(property));
        return types.length === 0 ? [] : [[property.name, this.optionOf(property, types)]];
      }),
    );
  }

  private optionOf(property: ts.Symbol, given: readonly OptionType[]): Option {
    const types = inOrder(given, this.literalsOf(property.declarations?.[0]));
    const tags = property.getJsDocTags(this.checker);
    const example = tags.find(({ name }) => name === 'example') ?? this.exampleOf(property);
    const secret = tags.some(({ name }) => name === 'secret')
      ? 'itself'
      : types.some((type) => this.holdsSecret(type))
        ? 'inside'
        : undefined;
    const inLib = property.declarations?.some((node) => layerOf(node.getSourceFile()) === 'lib');
    const isListOfTexts = types.some(
      (type) => typeof type === 'object' && 'list' in type && type.list.includes('string'),
    );
    return {
      types,
      ...(!(property.flags & ts.SymbolFlags.Optional) && { required: true as const }),
      ...(secret && { secret }),
      ...(example && { example: ts.displayPartsToString(example.text).trim() }),
      ...(inLib && isListOfTexts && { references: true as const }),
    };
  }

  /** The literals of a declaration and of what it refers to, as they are written: the compiler has an order of its own. */
  private literalsOf(node: ts.Node | undefined, seen = new Set<ts.Node>()): string[] {
    if (node === undefined || seen.has(node)) {
      return [];
    }
    seen.add(node);
    if (ts.isStringLiteral(node) || ts.isNumericLiteral(node)) {
      return [node.text];
    }
    const symbol = ts.isIdentifier(node) ? this.checker.getSymbolAtLocation(node) : undefined;
    const isImport = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const named = (isImport ? this.checker.getAliasedSymbol(symbol) : symbol)?.declarations ?? [];
    const followed = named.filter(
      (one) => (ts.isTypeAliasDeclaration(one) || ts.isVariableDeclaration(one)) && layerOf(one.getSourceFile()),
    );
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => {
      children.push(child);
    });
    return [...followed, ...children].flatMap((one) => this.literalsOf(one, seen));
  }

  /** The example of its type. */
  private exampleOf(property: ts.Symbol): ts.JSDocTagInfo | undefined {
    const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
    return type.symbol?.getJsDocTags(this.checker).find(({ name }) => name === 'example');
  }

  private holdsSecret(type: OptionType): boolean {
    if (typeof type === 'string' || 'literal' in type || 'text' in type) {
      return false;
    }
    if (!('fields' in type)) {
      return ('list' in type ? type.list : type.record).some((inner) => this.holdsSecret(inner));
    }
    const isPart = typeof type.fields === 'string' && PARTS.includes(type.fields);
    const shape = typeof type.fields === 'string' ? this.shapes[type.fields] : type.fields;
    return !isPart && Object.values(shape ?? {}).some(({ secret }) => secret !== undefined);
  }

  private typesOf(type: ts.Type): OptionType[] {
    const types = (type.isUnion() ? type.types : [type]).flatMap((one) => this.typeOf(one));
    const distinct = [...new Map(types.map((one) => [JSON.stringify(one), one])).values()];
    const isBoolean = [true, false].every((value) =>
      distinct.some((one) => typeof one === 'object' && 'literal' in one && one.literal === value),
    );
    return isBoolean
      ? [
          ...distinct.filter(
            (one) => typeof one === 'string' || !('literal' in one) || typeof one.literal !== 'boolean',
          ),
          'boolean',
        ]
      : distinct;
  }

  private typeOf(type: ts.Type): OptionType[] {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Never)) {
      return [];
    }
    if (flags & ts.TypeFlags.String) {
      return ['string'];
    }
    if (flags & ts.TypeFlags.Number) {
      return ['number'];
    }
    const form = this.forms.get(this.checker.typeToString(type));
    if (form !== undefined) {
      return [{ text: form }];
    }
    if (type.isStringLiteral() || type.isNumberLiteral()) {
      return [{ literal: type.value }];
    }
    if (flags & ts.TypeFlags.BooleanLiteral) {
      return [{ literal: this.checker.typeToString(type) === 'true' }];
    }
    if (isTemplate(type)) {
      return ['string'];
    }
    if (!(flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection | ts.TypeFlags.NonPrimitive))) {
      throw new Error(`no option can be ${this.checker.typeToString(type)}`);
    }
    if (type.isIntersection() && type.types.some((part) => !(part.flags & ts.TypeFlags.Object))) {
      // What is a text and a list at once is nothing.
      return [];
    }
    if (type.getCallSignatures().length > 0) {
      return ['function'];
    }
    if (this.checker.isArrayLikeType(type)) {
      return [{ list: this.typesOf(this.checker.getIndexTypeOfType(type, ts.IndexKind.Number) as ts.Type) }];
    }
    if (flags & ts.TypeFlags.NonPrimitive || this.isFromElsewhere(type)) {
      return ['object'];
    }
    const values = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const ofValues = values && this.typesOf(values);
    if (ofValues && ofValues.length > 0) {
      return [{ record: ofValues }];
    }
    const name = this.nameOf(type);
    if (name === undefined) {
      return [{ fields: this.shapeOf(type) }];
    }
    this.named(name, type);
    return [{ fields: name }];
  }

  /** Envoy's messages and the classes of the toolkit: what is in them is checked by others. */
  private isFromElsewhere(type: ts.Type): boolean {
    const declared = [type.symbol, ...this.checker.getPropertiesOfType(type)].flatMap((one) => one?.declarations ?? []);
    return declared.some((node) => layerOf(node.getSourceFile()) === undefined && !isStandard(node.getSourceFile()));
  }

  private nameOf(type: ts.Type): string | undefined {
    const symbol = type.aliasSymbol ?? type.symbol;
    const isOurs = symbol?.declarations?.some(
      (node) =>
        (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) &&
        layerOf(node.getSourceFile()) !== undefined,
    );
    return isOurs ? this.checker.typeToString(type, undefined, ts.TypeFormatFlags.None) : undefined;
  }
}

/** Whether a type is a text of a form, as `${number}s`; the editor completes it where it is one of an intersection. */
function isTemplate(type: ts.Type): boolean {
  return (type.isIntersection() ? type.types : [type]).some(({ flags }) => flags & ts.TypeFlags.TemplateLiteral);
}

/** The same types, with the literals in the order of these words, and others by the alphabet. */
function inOrder(types: readonly OptionType[], words: readonly string[]): OptionType[] {
  const place = (type: OptionType) => {
    const word = isKind('literal', type) ? String(type.literal) : '';
    return `${String(words.includes(word) ? words.indexOf(word) : words.length).padStart(4, '0')} ${word}`;
  };
  const literals = types.filter((type) => isKind('literal', type));
  const others = types.filter((type) => !isKind('literal', type));
  return [
    ...literals.sort((one, other) => (place(one) < place(other) ? -1 : 1)),
    ...others.map((type) => (isKind('list', type) ? { list: inOrder(type.list, words) } : type)),
  ];
}

/** The layer that a file belongs to; none for what is from elsewhere. */
function layerOf({ fileName }: ts.SourceFile): Layer | undefined {
  const inside = (folder: string) => resolve(fileName).startsWith(folder + sep);
  if (inside(SCHEMA)) {
    return undefined;
  }
  return inside(resolve(ROOT, 'envoy')) ? 'envoy' : inside(resolve(ROOT, 'lib')) ? 'lib' : undefined;
}

/** A file of the language itself, as that of `Record`. */
function isStandard({ fileName }: ts.SourceFile): boolean {
  return /[\\/]typescript[\\/]lib[\\/]/.test(fileName);
}
