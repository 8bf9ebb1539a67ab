const QUALITIES =
  'Amber Azure Bold Brave Breezy Bright Calm Cheerful Clear Clever Coral Cosy Curious Dapper Eager Early Fair Fond Gentle Glad Golden Happy Honest Jolly Keen Kind Lively Lucky Mellow Merry Mild Mindful Neat Noble Patient Placid Plucky Polite Quick Quiet Ready Rosy Serene Silver Sincere Smart Snug Spry Steady Sunny Swift Tender Tidy True Upbeat Warm Wise Witty Zesty'.split(
    ' ',
  )
const CREATURES =
  'Alpaca Badger Beaver Bison Crane Curlew Dolphin Dove Egret Falcon Finch Fox Gannet Gecko Gull Hare Heron Ibis Jay Kestrel Kiwi Koala Lark Lemur Linnet Lynx Magpie Marmot Marten Merlin Newt Osprey Otter Owl Panda Pelican Penguin Petrel Pika Plover Puffin Quail Raven Robin Salmon Seal Sparrow Starling Stork Swallow Swan Swift Tapir Tern Thrush Turtle Walrus Wombat Wren'.split(
    ' ',
  )

/**
 * A name like BraveOtter512 for somebody who gave none.
 *
 * @param chance at least 12 random hexadecimal digits; the same give the same name
 */
export function guestName(chance: string): string {
  const part = (from: number) => Number.parseInt(chance.slice(from, from + 4), 16)
  return `${QUALITIES[part(0) % QUALITIES.length]}${CREATURES[part(4) % CREATURES.length]}${100 + (part(8) % 900)}`
}
