# Errors of adding models and their keys. A key itself is in none of them.

err-key-shape = This does not look like a key, so I kept nothing. Send the key alone, as the provider shows it.
err-key-known = I have this key already; it ends with { $hint }. Send another one, or leave it as it is.
err-key-too-many = This service has { $most } keys already. Remove one of them first.
err-key-environment = This key is in the settings on the computer, and would be back at the next start. Take it out of .env there.
err-key-missing = This key is not there any more. Add it again, and I try it anew.
err-endpoint-unknown = I know no model called { $name }. Send /models for those I have.
err-endpoint-which = Several models are called like that: { $names }. Say which one you mean.
err-endpoint-known = There is a model called { $name } already. Choose another name, or change that one.
err-endpoint-name = { $name } will not do as a name. Take a short one without blanks.
err-endpoint-fields = A value cannot be used: { $field }. Correct it and try again.
err-endpoint-url = This is not the address of a service. Send one like https://example.org/v1, without a key in it.
err-endpoint-url-plain = On the way to { $host } others could read your key. Use an address like https://example.org/v1, and try again.
err-endpoint-too-many = There are { $most } models already. Remove one of them first.
err-endpoint-practice = This is the practice model, no real one. Choose another model.
err-endpoint-service = I do not know the service { $service }. Choose one from the list, or send an address.
err-models-file = I cannot read this file as models ({ $why }). Correct it, and import it again.
