import ts from 'typescript';
import { kebabCase } from '../kebab-case';
import { blocks, code, docOf, linkTo, oneLine, prose } from './markdown';
import { type Declaration, isFragment, type Option, type OptionTypes } from './option-types';

/** Writes options and types in Markdown, with links between the pages. */
export class Renderer {
  private readonly pageByName: ReadonlyMap<string, string>;

  constructor(
    private readonly types: OptionTypes,
    private readonly pages: ReadonlyMap<Declaration, string>,
    private readonly roots: ReadonlySet<Declaration>,
  ) {
    this.pageByName = new Map([...pages].map(([declaration, page]) => [declaration.name.text, page]));
  }

  /** The type that a page is named after: a list of its options, then each of them. */
  public root(page: string, node: Declaration): string {
    const options = this.types.optionsOf(node);
    const features = this.types.featuresOf(node).map((name) => `[\`${name}\`](features/${kebabCase(name)}.md)`);
    return blocks(
      docOf(node),
      `Options: ${options.map(({ property: { name } }) => `[\`${name}\`](#${name.toLowerCase()})`).join(', ')}.`,
      features.length === 0 ? '' : `Features: ${features.join(', ')}.`,
      ...options.map((option) => this.option(page, option, '##')),
    );
  }

  /** All other types of a page. */
  public otherTypes(page: string): string {
    const nodes = [...this.pages].filter(([node, place]) => place === page && !this.roots.has(node));
    return blocks(...nodes.map(([node]) => this.type(page, node)));
  }

  private type(page: string, node: Declaration): string {
    const body = ts.isInterfaceDeclaration(node)
      ? this.types.optionsOf(node).map((option) => this.option(page, option, '###'))
      : [`Type: ${this.typeText(page, node.type)}`];
    return blocks(`## ${node.name.text}`, docOf(node), ...body);
  }

  private option(page: string, option: Option, level: string): string {
    const { declaration: node } = option;
    const [byDefault] = this.types.tagsOf(option, 'default');
    if (byDefault === undefined && node.questionToken && !isFragment(node)) {
      throw new Error(`${node.getSourceFile().fileName}: ${option.property.name} has no @default`);
    }
    const facts = [
      ...(node.type ? [`- Type: ${this.typeText(page, node.type)}`] : []),
      ...(byDefault === undefined ? [] : [`- Default: ${byDefault.replace(/^- /, '')}`]),
      ...(node.questionToken ? [] : ['- Required']),
      ...this.types.tagsOf(option, 'example').map((example) => `- Example: ${code(example)}`),
      ...this.types.tagsOf(option, 'see').map((url) => `- See: ${linkTo(url)}`),
    ];
    return blocks(`${level} \`${option.property.name}\``, prose(this.types.documentationOf(option)), facts.join('\n'));
  }

  /** A type with a link from each name that has a place here. */
  private typeText(page: string, node: ts.TypeNode): string {
    const text = oneLine(this.types.textOf(node))
      .replace(/^\| /, '')
      .replace(/\breadonly /g, '')
      .replace(/\bReadonly<(Record<.*>)>/g, '$1');
    if (text.includes('`')) {
      return code(text);
    }
    const names = new RegExp(`\\b(${[...this.pageByName.keys()].join('|')})\\b`);
    // A split by a group: every second part is a name.
    return text
      .split(names)
      .map((part, index) => (index % 2 === 0 ? code(part) : `[${code(part)}](${this.placeOf(page, part)})`))
      .join('');
  }

  private placeOf(page: string, name: string): string {
    const target = this.pageByName.get(name) ?? '';
    const isRoot = [...this.roots].some((node) => node.name.text === name);
    const anchor = isRoot ? '' : `#${name.toLowerCase()}`;
    if (target === page && !isRoot) {
      return anchor;
    }
    const up = page.includes('/') ? '../' : '';
    return `${up}${target}.md${anchor}`;
  }
}
