-- Neovim as a client of yaml-language-server, with the schema that `pomlint schema pomerium` prints: what a key is for, which values
-- there are, which keys a route and the top level have, and what is said of a key that is gone. What fails goes to the file RESULT.
local result = io.open(vim.env.RESULT, 'w')
local failed = false
local function expect(holds, what)
  if not holds then
    failed = true
    result:write(what .. '\n')
  end
end

local function run()
  vim.cmd('edit ' .. vim.env.CONFIG)
  vim.bo.filetype = 'yaml'
  local schemas = { ['file://' .. vim.env.SCHEMA] = '/*.yaml' }
  local settings = { yaml = { schemas = schemas, schemaStore = { enable = false, url = '' }, hover = true, completion = true, validate = true } }
  local id = vim.lsp.start_client({
    name = 'yaml',
    cmd = { vim.env.YAML_LANGUAGE_SERVER, '--stdio' },
    root_dir = vim.fn.getcwd(),
    settings = settings,
    handlers = {
      ['workspace/configuration'] = function(_, params)
        local answers = {}
        for _, item in ipairs(params.items) do
          table.insert(answers, settings[item.section] or vim.NIL)
        end
        return answers
      end,
    },
    on_init = function(client)
      client.notify('workspace/didChangeConfiguration', { settings = settings })
    end,
  })
  vim.lsp.buf_attach_client(0, id)
  local document = { uri = vim.uri_from_bufnr(0) }
  local function ask(method, line, character)
    local answers = vim.lsp.buf_request_sync(0, method, {
      textDocument = document,
      position = { line = line, character = character },
    }, 60000)
    for _, answer in pairs(answers or {}) do
      return answer.result
    end
  end
  local function set(lines)
    vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  end
  local function labels(line, character)
    local found = ask('textDocument/completion', line, character) or {}
    local names = {}
    for _, item in ipairs(found.items or found) do
      names[item.label] = true
    end
    return names
  end

  set({ 'cookie_expire: 14h', 'forward_auth_url: https://x.example.com', 'idp_provider: ' })
  expect(vim.wait(60000, function()
    for _, found in ipairs(vim.diagnostic.get(0)) do
      if found.message:find('Gone since v0.21.0', 1, true) then return true end
    end
    return false
  end, 100), 'a key that is gone is not told: ' .. vim.inspect(vim.diagnostic.get(0)))
  local hover = ask('textDocument/hover', 0, 3)
  hover = hover and vim.inspect(hover.contents) or 'nothing'
  expect(hover:find('How long a session lasts', 1, true) and hover:find('COOKIE[\\]*_EXPIRE'), 'hover says: ' .. hover)
  local providers = labels(2, 14)
  expect(providers.cognito and providers.oidc and not providers['true'], 'providers: ' .. vim.inspect(providers))

  set({ 'routes:', '  - from: https://a.example.com', '    ' })
  local fields = labels(2, 4)
  expect(fields.allow_any_authenticated_user and fields.to, 'fields of a route: ' .. vim.inspect(fields))

  set({ 'idp_provider: cognito', 'cookie_e' })
  local options = labels(1, 8)
  expect(options.cookie_expire, 'options of the top level: ' .. vim.inspect(options))
end

local ran, why = pcall(run)
expect(ran, tostring(why))
if not failed then result:write('ok\n') end
result:close()
vim.cmd('qa!')
