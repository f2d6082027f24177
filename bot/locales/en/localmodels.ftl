# Models on the owner's machines: errors, alerts, and the card of a download.

approval-kind-model-pull = 📥 Download a model
component-local-models = The model server

err-model-name = { $model } is not the name of a model that can be fetched. Write it as on ollama.com, for example qwen3:14b.
err-model-in-cloud = { $model } runs on somebody else's machine, so it is no local model. Choose one without cloud in its name.
err-model-unknown = There is no model called { $model } to be fetched. Look up its exact name on ollama.com, then try again.
err-model-is-here = { $model } is here already, in its newest version. There is nothing to fetch, you can choose it in /models.
err-model-changed = { $model } has changed while it was fetched, so what came is not what you agreed to. Ask for it again and look at the card.
err-model-registry-away = The place that models come from does not answer ({ $why }). Check the network, then try again.
err-model-unfit = { $model } is not made for this work ({ $role }). Choose another model for it in /models.
err-model-failed-trial = { $model } did not pass its trial ({ $why }), so everything stays as it was. Try again, or choose another model.
err-version-unknown = That version is not in the history any more. Open /models, and choose one from the list.
err-local-model-missing = { $model } is not installed there. Fetch it in /models, then try again.
err-local-server-away = The model server at { $address } does not answer ({ $why }). Start Ollama there, or open /models.
err-local-server-failed = The model server refused ({ $why }). Try again; if it stays so, update Ollama.
err-local-server-not-started = The model server could not be started ({ $why }). Install or repair Ollama on that machine, then try again.
err-local-models-down = The model server has stopped ({ $why }). I start it again where I may; meanwhile others answer, and what is private waits.
err-local-model-smaller = { $model } does not fit into memory now, so { $smaller } answers in its place. Close large programs, or choose a smaller model in /models.
