# Texts about searching memory.
err-index-former = The search index does not fit what is stored. Nothing was changed. Memory builds the index anew at its next check; try again after that.
err-no-embedder = The model for search by meaning, { $model }, does not answer ({ $why }). Search finds by words meanwhile. Look at it in /models.
err-embedder-count = The model for search by meaning answered { $got } texts of { $given }. Search finds by words; choose another model in MASK_EMBED_MODEL.
