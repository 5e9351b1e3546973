-- Text as searches compare it: without capitals, accents and the difference between apostrophes, however its letters are
-- composed: `munoz` finds Muñoz, `O'Neil` O’Neil. Letters that Unicode takes apart in no way stand for themselves without
-- their stroke. (The extension `unaccent` is not immutable, so no column could be generated with it.)
create function waymark.folded(text text) returns text language sql immutable parallel safe
  return lower(regexp_replace(
    translate(replace(replace(replace(normalize(text, NFKD), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
      '’‘ʼ´`øØłŁđĐħı', '''''''''''oOlLdDhi'),
    '[\u0300-\u036f]', '', 'g'));
grant execute on function waymark.folded(text) to public;
